/* Known-answer files against our code.
 *
 *     oracle KIND FILE   a line for every case that fails, then `N passed, N failed, N skipped`
 *     oracle             every kind with its own file, as TAP
 *
 * Exit status: 0 if nothing failed, 1 if something did, 2 if there was nothing to check: wrong
 * arguments, or a file that cannot be read or is not what the kind expects. */
#include "tests/oracle/oracle.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct kind {
    const char *name, *path;
    oracle_run *run;
} kinds[] = {
#define ORACLE(kind, path) {#kind, path, oracle_##kind},
#include "tests/oracle/oracles.def"
#undef ORACLE
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };
enum { MAX_BYTES = 64 << 20, MAX_DIGITS = 18 };

static int case_number(const struct oracle_tally *tally)
{
    return tally->passed + tally->failed + tally->skipped;
}

/* One line, whatever a hostile file put into its names. */
static void put_line(FILE *to, const char *text)
{
    for (; *text != '\0'; text++)
        putc(iscntrl((unsigned char)*text) ? '?' : *text, to);
    putc('\n', to);
}

void oracle_passed(struct oracle_tally *tally, const char *name)
{
    tally->passed++;
    if (!tally->tap)
        return;
    printf("ok %d - ", case_number(tally));
    put_line(stdout, name);
}

void oracle_failed(struct oracle_tally *tally, const char *name, const char *format, ...)
{
    char why[400];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    tally->failed++;
    if (tally->tap) {
        printf("not ok %d - ", case_number(tally));
        put_line(stdout, name);
        fputs("# ", stdout);
    } else {
        printf("failed: %s: ", name);
    }
    put_line(stdout, why);
}

void oracle_skipped(struct oracle_tally *tally, const char *name, const char *why)
{
    tally->skipped++;
    if (tally->tap)
        printf("ok %d - %s # SKIP ", case_number(tally), name);
    else
        printf("skipped: %s: ", name);
    put_line(stdout, why);
}

static const char *type_name(json_type type)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object",   [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
        [JSON_INTEGER] = "an integer", [JSON_REAL] = "a real",    [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",        [JSON_NULL] = "null",
    };
    return names[type];
}

const json_t *oracle_member(const json_t *object, const char *key, json_type type,
                            struct cm_err *err)
{
    if (!json_is_object(object))
        cm_fail(err, "%s where an object should be", type_name(json_typeof(object)));
    const json_t *member = json_object_get(object, key);
    if (member != NULL && json_typeof(member) == type)
        return member;
    if (member != NULL)
        cm_fail(err, "\"%s\" is %s, not %s", key, type_name(json_typeof(member)), type_name(type));
    else if (json_is_object(object))
        cm_fail(err, "\"%s\" is missing", key);
    return NULL;
}

const char *oracle_text(const json_t *object, const char *key, struct cm_err *err)
{
    const json_t *member = oracle_member(object, key, JSON_STRING, err);
    return member != NULL ? json_string_value(member) : NULL;
}

/* The whole file, terminated; NULL with the reason. */
static char *read_all(const char *path, size_t *length, struct cm_err *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        cm_fail(err, "%s", strerror(errno));
        return NULL;
    }
    char *text = malloc(MAX_BYTES + 1);
    *length = text != NULL ? fread(text, 1, MAX_BYTES + 1, file) : 0;
    if (text == NULL || ferror(file) || *length > MAX_BYTES) {
        cm_fail(err, "%s", *length > MAX_BYTES ? "more than 64 MiB" : strerror(errno));
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

/* A copy of the text in which integers of more than MAX_DIGITS digits stand in quotes. */
static char *quote_long_integers(const char *text, size_t *length)
{
    char *out = malloc(2 * *length + 3), *to = out;
    if (out == NULL)
        return NULL;
    bool in_string = false;
    for (size_t i = 0; i < *length;) {
        size_t digits = 0;
        while (!in_string && i + digits < *length && strchr("0123456789.eE+-", text[i + digits]) &&
               text[i + digits] != '\0')
            digits++;
        bool quote = digits > MAX_DIGITS && strspn(text + i, "0123456789") == digits;
        size_t take = digits > 0 ? digits : in_string && text[i] == '\\' && i + 1 < *length ? 2 : 1;
        if (take == 1 && text[i] == '"')
            in_string = !in_string;
        if (quote)
            *to++ = '"';
        memcpy(to, text + i, take);
        to += take;
        if (quote)
            *to++ = '"';
        i += take;
    }
    *length = (size_t)(to - out);
    return out;
}

static json_t *parse(const char *path, struct cm_err *err)
{
    size_t length;
    char *text = read_all(path, &length, err);
    if (text == NULL)
        return NULL;
    char *quoted = quote_long_integers(text, &length);
    free(text);
    json_error_t where = {.text = "out of memory"};
    json_t *file =
        quoted != NULL ? json_loadb(quoted, length, JSON_REJECT_DUPLICATES, &where) : NULL;
    free(quoted);
    if (file == NULL)
        cm_fail(err, "line %d: %s", where.line, where.text);
    return file;
}

static int check(const struct kind *kind, const char *path, struct oracle_tally *tally,
                 struct cm_err *err)
{
    int before = case_number(tally);
    json_t *file = parse(path, err);
    int status = file != NULL ? kind->run(file, tally, err) : -1;
    json_decref(file);
    if (status == 0 && case_number(tally) == before)
        status = cm_fail(err, "holds no cases");
    return status;
}

static int check_all(void)
{
    struct oracle_tally tally = {.tap = true};
    for (int i = 0; i < KINDS; i++) {
        struct cm_err err;
        if (check(&kinds[i], kinds[i].path, &tally, &err))
            oracle_failed(&tally, kinds[i].name, "%s: %s", kinds[i].path, err.text);
    }
    printf("1..%d\n", case_number(&tally));
    return tally.failed > 0;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return check_all();
    const struct kind *kind = NULL;
    for (int i = 0; argc == 3 && i < KINDS; i++)
        if (strcmp(argv[1], kinds[i].name) == 0)
            kind = &kinds[i];
    if (kind == NULL) {
        fputs("usage: oracle KIND FILE\nkinds:", stderr);
        for (int i = 0; i < KINDS; i++)
            fprintf(stderr, " %s", kinds[i].name);
        fputs("\n", stderr);
        return 2;
    }
    struct oracle_tally tally = {0};
    struct cm_err err;
    if (check(kind, argv[2], &tally, &err)) {
        fprintf(stderr, "oracle: %s: ", argv[2]);
        put_line(stderr, err.text);
        return 2;
    }
    printf("%d passed, %d failed, %d skipped\n", tally.passed, tally.failed, tally.skipped);
    return tally.failed > 0;
}
