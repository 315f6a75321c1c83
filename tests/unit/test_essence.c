/* What a cell's text and its digest keep of a scenario, on every scenario of the tree: the text
 * loads to the same, and nothing that determines a number is lost on the way. */
#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/results.h"
#include "sim/run/essence.h"
#include "tests/unit/support.h"

/* The whole file, or NULL. */
static char *read_whole(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *text = calloc(*length + 1, 1);
    cr_assert_eq(fread(text, 1, *length, file), *length);
    fclose(file);
    return text;
}

/* Files of the tree, from its top: beside the one that names them, or among the scenarios. */
static int tree_read(void *self, const char *path, const char *relative_to, struct cm_arena *arena,
                     const char **text, size_t *length, const char **resolved, struct cm_err *err)
{
    (void)self;
    const char *name = memory_path(path, relative_to, arena);
    char *whole = read_whole(name, length);
    if (!whole) {
        name = memory_path(path, "scenarios/", arena);
        whole = read_whole(name, length);
    }
    if (!whole)
        return cm_fail(err, "no such file");
    *text = cm_arena_text(arena, whole, *length);
    *resolved = name;
    free(whole);
    return 0;
}

/* A path that holds from the top, so that a printed scenario finds its files again. */
static const char *tree_locate(void *self, const char *path, const char *relative_to,
                               struct cm_arena *arena)
{
    (void)self;
    const char *name = memory_path(path, relative_to, arena);
    FILE *file = fopen(name, "rb");
    if (file)
        fclose(file);
    return file ? name : memory_path(path, "scenarios/", arena);
}

/* A printed scenario under the name of its file; everything else is in the tree. */
static int printed_read(void *self, const char *path, const char *relative_to,
                        struct cm_arena *arena, const char **text, size_t *length,
                        const char **resolved, struct cm_err *err)
{
    if (relative_to)
        return tree_read(NULL, path, "", arena, text, length, resolved, err);
    *text = self;
    *length = strlen(self);
    *resolved = path;
    return 0;
}

/* 0, or -1 where the file is a sweep or waits for something else to be said. */
static int load_from(struct cm_scenario *s, const char *path, struct cm_source source)
{
    struct cm_diags diags = {0};
    struct cm_load load = {.path = path, .source = source, .extra = cm_analysis_sections};
    *s = (struct cm_scenario){0};
    int status = cm_scenario_load(s, &load, &diags);
    cm_diags_release(&diags);
    return status;
}

static void expect_same_essence(const struct cm_scenario *a, const struct cm_scenario *b,
                                const char *path)
{
    for (size_t policy = 0; policy < a->n_policies; policy++)
        for (int release = -1; release < (int)a->n_defects; release++) {
            char of_a[CM_DIGEST_TEXT], of_b[CM_DIGEST_TEXT];
            cm_essence_of(&(struct cm_plan){a, (int)policy, release, 1}, NULL, 0, of_a);
            cm_essence_of(&(struct cm_plan){b, (int)policy, release, 1}, NULL, 0, of_b);
            cr_expect_str_eq(of_a, of_b, "%s: policy %zu, release %d", path, policy, release);
        }
}

/* Printed as it is kept, loaded, printed again. */
static void expect_round_trip(const struct cm_scenario *first, const char *path)
{
    struct cm_scenario second;
    struct cm_buffer text = {0}, again = {0};
    cm_scenario_print_plain(first, cm_buffer_writer(&text));
    int status = load_from(&second, path, (struct cm_source){text.text, printed_read, NULL});
    cr_expect_eq(status, 0, "%s does not load as it is printed:\n%s", path, text.text);
    if (!status) {
        cm_scenario_print_plain(&second, cm_buffer_writer(&again));
        cr_expect_str_eq(again.text, text.text, "%s", path);
        expect_same_essence(first, &second, path);
    }
    cm_scenario_release(&second);
    cm_buffer_release(&text);
    cm_buffer_release(&again);
}

/* Scenarios of the tree that are no sweeps. */
static size_t each_scenario(void (*test)(const struct cm_scenario *s, const char *path))
{
    static const char *const patterns[] = {"scenarios/*.ini", "scenarios/*/*.ini"};
    size_t loaded = 0;
    glob_t found;
    cr_assert_eq(glob(patterns[0], 0, NULL, &found), 0);
    cr_assert_eq(glob(patterns[1], GLOB_APPEND, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct cm_scenario s;
        struct cm_source tree = {NULL, tree_read, tree_locate};
        if (load_from(&s, found.gl_pathv[i], tree) == 0) {
            test(&s, found.gl_pathv[i]);
            loaded++;
        }
        cm_scenario_release(&s);
    }
    globfree(&found);
    return loaded;
}

Test(essence, every_scenario_of_the_tree_is_kept_whole)
{
    cr_expect_gt(each_scenario(expect_round_trip), 20);
}

/* A store is not played again because of an objective for errors: it only weighs what happened. */
Test(essence, an_objective_for_errors_determines_no_number)
{
    static char with[] = "[service]\nslo = 99.5%\nslo_period = 7d\n[policy.p]\n"
                         "controller = all_at_once\n";
    static char without[] = "[service]\n[policy.p]\ncontroller = all_at_once\n";
    struct cm_scenario a, b;
    cr_assert_eq(load_from(&a, "a.ini", (struct cm_source){with, printed_read, NULL}), 0);
    cr_assert_eq(load_from(&b, "b.ini", (struct cm_source){without, printed_read, NULL}), 0);
    expect_same_essence(&a, &b, "a.ini");
    cr_expect_eq(a.service.slo, 0.995);
    cm_scenario_release(&a);
    cm_scenario_release(&b);
}

/* --- one policy alone --- */

static bool is_watched(const struct cm_scenario *s, const char *gate)
{
    for (size_t i = 0; i < s->policies[0].n_watched; i++)
        if (strcmp(s->gates[s->policies[0].gate[i]].name, gate) == 0)
            return true;
    return false;
}

/* Whether a section of that title is to stand when only the first policy is left: other policies
 * go, and the gates that only they use. */
static bool stays(const struct cm_scenario *s, const char *title)
{
    char name[64];
    if (sscanf(title, "[policy.%63[^]]", name) == 1)
        return strcmp(name, s->policies[0].name) == 0;
    if (sscanf(title, "[gate.%63[^]]", name) == 1)
        return is_watched(s, name);
    return strcmp(title, "[study]") != 0 && strcmp(title, "[assert]") != 0;
}

static void print_first_policy(const struct cm_scenario *s, struct cm_buffer *alone)
{
    struct cm_buffer whole = {0};
    bool keep = true;
    cm_scenario_print_plain(s, cm_buffer_writer(&whole));
    for (char *line = whole.text, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        *end = '\0';
        if (*line == '[')
            keep = stays(s, line);
        if (keep)
            cm_print(cm_buffer_writer(alone), "%s\n", line);
    }
    cm_buffer_release(&whole);
}

static bool same_rows(const struct cm_plan *a, const struct cm_plan *b)
{
    struct cm_rollout *of_a = cm_rollout_new(a), *of_b = cm_rollout_new(b);
    bool same = true;
    for (uint64_t i = 0; i < 3 && same; i++) {
        struct cm_outcome x = cm_replicate(of_a, i), y = cm_replicate(of_b, i);
        same = x.end == y.end && x.ended_at == y.ended_at && x.onset == y.onset &&
               x.looks == y.looks && x.mitigated_at == y.mitigated_at &&
               memcmp(&x.rollout, &y.rollout, sizeof x.rollout) == 0 &&
               memcmp(&x.escaped, &y.escaped, sizeof x.escaped) == 0 &&
               memcmp(&x.reached, &y.reached, sizeof x.reached) == 0;
    }
    cm_rollout_free(of_a);
    cm_rollout_free(of_b);
    return same;
}

static size_t compared; /* policies that had company before */

static void expect_the_same_alone(const struct cm_scenario *s, const char *path)
{
    struct cm_buffer text = {0};
    struct cm_scenario alone;
    print_first_policy(s, &text);
    int status = load_from(&alone, path, (struct cm_source){text.text, printed_read, NULL});
    cr_expect_eq(status, 0, "%s does not load with one policy:\n%s", path, text.text);
    /* A shorter history, or another flow, is another experiment. */
    for (int release = -1; !status && release < (int)s->n_defects; release++) {
        struct cm_plan in_company = {s, 0, release, 1}, by_itself = {&alone, 0, release, 1};
        char of_a[CM_DIGEST_TEXT], of_b[CM_DIGEST_TEXT];
        cm_essence_of(&in_company, NULL, 0, of_a);
        cm_essence_of(&by_itself, NULL, 0, of_b);
        if (strcmp(of_a, of_b) != 0)
            continue;
        compared += s->n_policies > 1;
        cr_expect(same_rows(&in_company, &by_itself), "%s: release %d", path, release);
    }
    cm_scenario_release(&alone);
    cm_buffer_release(&text);
}

/* Adding a policy changes no number of the others, and what is left out of the digest counts for
 * nothing. */
Test(essence, a_policy_has_the_same_numbers_alone)
{
    each_scenario(expect_the_same_alone);
    cr_expect_gt(compared, 20, "only %zu", compared);
}
