/* The reader: what is read, where it stands, and everything that libinih would have passed over. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "sim/base/ini.h"
#include "tests/unit/support.h"

static struct cm_arena arena;
static struct cm_diags diags;
static struct cm_buffer shown;
static struct cm_ini ini;

static void tear_down(void)
{
    cm_arena_release(&arena);
    cm_diags_release(&diags);
    cm_buffer_release(&shown);
}

TestSuite(ini, .fini = tear_down);

static int read_bytes(const char *text, size_t length)
{
    cm_diags_release(&diags);
    return cm_ini_read(&ini, "shop.ini", text, length, &arena, &diags);
}

static int parse(const char *text)
{
    return read_bytes(text, strlen(text));
}

/* The key `section.name`, the name behind the last dot. */
static const struct cm_ini_key *find(const char *path)
{
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; i < ini.n_keys; i++) {
        const char *section = ini.sections[ini.keys[i].section].name;
        if (strcmp(ini.keys[i].name, dot + 1) == 0 && strlen(section) == (size_t)(dot - path) &&
            strncmp(section, path, strlen(section)) == 0)
            return &ini.keys[i];
    }
    cr_assert_fail("no key %s", path);
    return NULL;
}

static void expect_value(const char *path, const char *want)
{
    const struct cm_ini_key *key = find(path);
    cr_expect_str_eq(key->value, want, "%s is '%s', not '%s'", path, key->value, want);
}

Test(ini, keys_and_values_come_with_their_places)
{
    cr_assert_eq(parse("; shop: a title\n"
                       "[traffic]\n"
                       "rate   =  30 rps   ; a comment\n"
                       "\n"
                       "[gate.success]\n"
                       "max=1%\n"),
                 0);
    cr_assert_eq(ini.n_sections, 2);
    cr_assert_eq(ini.n_keys, 2);
    cr_expect_str_eq(ini.title, "shop: a title");
    cr_expect_eq(ini.sections[1].place.line, 5);
    expect_value("traffic.rate", "30 rps");
    expect_value("gate.success.max", "1%");
    const struct cm_ini_key *rate = find("traffic.rate");
    struct cm_place value = cm_ini_value_place(rate, 0, 0);
    cr_expect_str_eq(rate->place.file, "shop.ini");
    cr_expect_eq(rate->place.line, 3);
    cr_expect_eq(rate->place.column, 1);
    cr_expect_eq(rate->place.length, 4);
    cr_expect_str_eq(rate->place.text, "rate   =  30 rps   ; a comment");
    cr_expect_eq(value.column, 11);
    cr_expect_eq(value.length, 6);
    cr_expect_eq(cm_ini_value_place(find("gate.success.max"), 0, 0).column, 5);
}

Test(ini, an_indented_line_continues_the_value_and_keeps_its_place)
{
    cr_assert_eq(parse("[policy.ours]\n"
                       "steps = 1%/5m, 5%/10m, ; gently\n"
                       "; a comment between\n"
                       "        10%/10m,   ; then\n"
                       "\t100%\n"
                       "gates =\n"
                       "   a\n"),
                 0);
    expect_value("policy.ours.steps", "1%/5m, 5%/10m, 10%/10m, 100%");
    expect_value("policy.ours.gates", "a");
    const struct cm_ini_key *steps = find("policy.ours.steps");
    struct cm_place place = cm_ini_value_place(steps, 15, 7); /* 10%/10m */
    cr_expect_eq(place.line, 4);
    cr_expect_eq(place.column, 9);
    cr_expect_eq(place.length, 7);
    place = cm_ini_value_place(steps, 24, 4); /* 100% */
    cr_expect_eq(place.line, 5);
    cr_expect_eq(place.column, 2);
    place = cm_ini_value_place(find("policy.ours.gates"), 0, 0);
    cr_expect_eq(place.line, 7);
    cr_expect_eq(place.column, 4);
}

Test(ini, an_argument_list_may_go_on_over_lines_with_equal_signs)
{
    cr_assert_eq(parse("[service]\nlatency = lognormal(median=120ms,\n   sigma = 0.6)\n"), 0);
    expect_value("service.latency", "lognormal(median=120ms, sigma = 0.6)");
}

Test(ini, a_continued_value_may_begin_with_an_equal_sign_or_hold_comparisons)
{
    cr_assert_eq(parse("[a]\nk = b\n  = c\nl = d\n  e == f\nm = g\n  h =~ i\n"), 0);
    expect_value("a.k", "b = c");
    expect_value("a.l", "d e == f");
    expect_value("a.m", "g h =~ i");
}

Test(ini, byte_order_mark_carriage_returns_and_a_missing_last_newline_do_not_matter)
{
    cr_assert_eq(parse("\xEF\xBB\xBF[a]\r\nk = v\r\n\r\n[b]\r\nl = w"), 0);
    expect_value("a.k", "v");
    expect_value("b.l", "w");
    cr_expect_eq(find("a.k")->place.line, 2);
}

Test(ini, long_names_are_whole)
{
    char text[200], name[64];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    snprintf(text, sizeof text, "[%s]\n%s = 1\n", name, name);
    cr_assert_eq(parse(text), 0);
    cr_expect_str_eq(ini.sections[0].name, name);
    cr_expect_str_eq(ini.keys[0].name, name);
}

Test(ini, a_line_of_198_characters_is_read_and_one_more_is_refused)
{
    char text[300] = "[a]\nk = ";
    size_t start = strlen(text) - 4;
    memset(text + start + 4, 'x', 194);
    strcpy(text + start + 198, "\nl = 1\n");
    cr_assert_eq(parse(text), 0);
    cr_expect_eq(strlen(find("a.k")->value), 194);
    expect_value("a.l", "1");
    memmove(text + start + 5, text + start + 4, strlen(text + start + 4) + 1);
    cr_assert_eq(parse(text), -1);
    cr_expect_eq(diags_count(&diags, CM_DIAG_LONG_LINE), 1);
    cr_expect_eq(diags.errors, 1);
    cr_expect_eq(ini.n_keys, 1);
    expect_value("a.l", "1");
}

Test(ini, a_long_comment_is_nobodys_business)
{
    char text[2000] = "[a]\nk = 1\n   ; ";
    memset(text + strlen(text), 'x', 1500);
    cr_assert_eq(parse(text), 0);
    expect_value("a.k", "1");
}

Test(ini, notes_of_the_user_are_left_out)
{
    cr_assert_eq(parse("[x-todo]\nask = Ann\nask = Bob\n[a]\nx-why = because\n  of that\nk = 1\n"),
                 0);
    cr_expect_eq(ini.n_sections, 1);
    cr_expect_eq(ini.n_keys, 1);
    expect_value("a.k", "1");
}

Test(ini, a_semicolon_without_a_blank_and_a_number_sign_belong_to_the_value)
{
    cr_assert_eq(parse("[a]\nk = b;c # d\n"), 0);
    expect_value("a.k", "b;c # d");
}

Test(ini, what_a_reader_could_misunderstand_is_an_error_where_it_stands)
{
    static const struct {
        const char *text;
        enum cm_diag_id id;
        int line, column, length;
    } cases[] = {
        {"[a]\nk\n", CM_DIAG_NO_EQUALS, 2, 1, 1},
        {"[a]\nk: 5\n", CM_DIAG_COLON, 2, 2, 1},
        {"[a]\nk: 5 = 6\n", CM_DIAG_COLON, 2, 2, 1},
        {"[a]\n= 5\n", CM_DIAG_NO_KEY, 2, 1, 1},
        {"[a]\nk =\nl = 1\n", CM_DIAG_EMPTY_VALUE, 2, 1, 1},
        {"[a]\nk = ; nothing\n", CM_DIAG_EMPTY_VALUE, 2, 1, 1},
        {"[a]\nk =; nothing", CM_DIAG_EMPTY_VALUE, 2, 1, 1},
        {"[a]\no.f >= 95%\n", CM_DIAG_COMPARISON, 2, 5, 2},
        {"[a]\no.f<1%\n", CM_DIAG_COMPARISON, 2, 4, 1},
        {"[a]\no.f == 1%\n", CM_DIAG_COMPARISON, 2, 5, 2},
        {"[a]\no.f != 1%\n", CM_DIAG_COMPARISON, 2, 5, 2},
        {"[a]\nk = \"b ; c\"\n", CM_DIAG_QUOTED_COMMENT, 2, 8, 1},
        {"k = 1\n[a]\n", CM_DIAG_NO_SECTION, 1, 1, 1},
        {"[a]\n  k = 1\n", CM_DIAG_STRAY_LINE, 2, 3, 5},
        {"[a]\nk = 1\n\n  2\n", CM_DIAG_STRAY_LINE, 4, 3, 1},
        {"[a]\nk = 1\n  l = 2\n", CM_DIAG_INDENTED_KEY, 3, 3, 5},
        {"[a]\nk = 1\n  [b]\n", CM_DIAG_INDENTED_KEY, 3, 3, 3},
        {"[a\nk = 1\n", CM_DIAG_HEADER_OPEN, 1, 1, 2},
        {"[a ; b]\n", CM_DIAG_HEADER_OPEN, 1, 1, 2},
        {"[a] junk = 1\n", CM_DIAG_HEADER_JUNK, 1, 5, 8},
        {"[[a]]\n", CM_DIAG_HEADER_JUNK, 1, 5, 1},
        {"[]\n", CM_DIAG_HEADER_EMPTY, 1, 1, 2},
        {"[ ]\n", CM_DIAG_HEADER_EMPTY, 1, 1, 3},
        {"[a]\nk = 1\nk = 2\n", CM_DIAG_DUPLICATE_KEY, 3, 1, 1},
        {"[a]\n[b]\n[a]\n", CM_DIAG_DUPLICATE_SECTION, 3, 1, 3},
        {"[a]\nk = \x01\n", CM_DIAG_NOT_TEXT, 2, 5, 1},
        {"[a]\nk = \xFF\n", CM_DIAG_NOT_TEXT, 2, 5, 1},
        {"[a]\nk = 1\rl = 2\n", CM_DIAG_NOT_TEXT, 2, 6, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(parse(cases[i].text), -1, "%s", cases[i].text);
        cr_assert_geq(diags.n, 1, "%s", cases[i].text);
        const struct cm_diag *d = &diags.list[0];
        cr_expect_eq(d->id, cases[i].id, "%s: %s", cases[i].text, d->text);
        cr_expect(d->place.line == cases[i].line && d->place.column == cases[i].column &&
                      d->place.length == cases[i].length,
                  "%s: at %d:%d, %d long", cases[i].text, d->place.line, d->place.column,
                  d->place.length);
    }
}

Test(ini, a_comparison_is_answered_with_the_line_to_write)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"[assert]\nours.false_rollback <= 1%\n", "write 'ours.false_rollback = <= 1%'"},
        {"[assert]\na.b > 5\n", "write 'a.b = > 5'"},
        {"[assert]\na.b == 5\n", "write 'a.b = 5'"},
        {"[assert]\na.b != 5\n", "write 'a.b = != 5'"},
        {"[traffic]\nrate: 30 rps ; fast\n", "write 'rate = 30 rps'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parse(cases[i].text);
        cr_expect(strstr(diags_text(&diags, &shown), cases[i].want) != NULL, "%s", shown.text);
    }
}

Test(ini, a_duplicate_names_both_lines)
{
    parse("[a]\nk = 1\n\nk = 2\n[a]\n");
    const char *got = diags_text(&diags, &shown);
    cr_expect(strstr(got, "shop.ini:4:1: error: [a] has 'k' already, in line 2") != NULL, "%s",
              got);
    cr_expect(strstr(got, "shop.ini:5:1: error: [a] begins in line 1 already") != NULL, "%s", got);
    expect_value("a.k", "1");
}

Test(ini, a_section_that_stands_twice_is_one_mistake_whatever_is_in_it)
{
    parse("[a]\nk = 1\nl = 2\n[a]\nk = 3\nl = 4\nm = 5\n[b]\nk = 6\nk = 7\n");
    const char *got = diags_text(&diags, &shown);
    cr_expect_eq(diags.errors, 2, "%s", got);
    cr_expect(strstr(got, "shop.ini:10:1: error: [b] has 'k' already") != NULL, "%s", got);
    expect_value("a.k", "1");
}

Test(ini, every_mistake_is_reported_in_one_pass)
{
    parse("stray = 1\n[a\nk\n[b] c\nl: 1\nm >= 2\n= 3\n[]\n");
    cr_expect_eq(diags.errors, 8, "%s", diags_text(&diags, &shown));
}

Test(ini, lines_that_continue_a_mistake_are_not_mistakes_of_their_own)
{
    parse("[a]\nk: 1,\n   2,\n   3\nl = 1\n");
    cr_expect_eq(diags.errors, 1, "%s", diags_text(&diags, &shown));
    cr_expect(ini.sections[0].damaged);
    expect_value("a.l", "1");
}

Test(ini, a_nul_byte_ends_the_reading_with_one_error)
{
    static const char text[] = "[a]\nk = 1\n\0\0\x01\x02\n[b\nz\n";
    cr_assert_eq(read_bytes(text, sizeof text - 1), -1);
    cr_expect_eq(diags.errors, 1);
    cr_expect_eq(diags.list[0].id, CM_DIAG_NOT_TEXT);
    expect_value("a.k", "1");
}

Test(ini, nothing_is_a_file_too)
{
    cr_assert_eq(parse(""), 0);
    cr_expect_eq(ini.n_sections, 0);
    cr_expect_null(ini.title);
    cr_assert_eq(read_bytes("\xEF\xBB\xBF", 3), 0);
    cr_assert_eq(parse("\n\n \t \n;\n#\n"), 0);
}

/* --- files that nobody wrote by hand --- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A million lines: `first`, then `line` with its number in it. */
static void make_million(struct cm_buffer *text, const char *first, const char *line)
{
    char out[64];
    struct cm_writer to = cm_buffer_writer(text);
    cm_buffer_clear(text);
    to.write(to.self, first, strlen(first));
    for (int i = 0; i < 1000000; i++) {
        int length = snprintf(out, sizeof out, "%s%d\n", line, i);
        to.write(to.self, out, (size_t)length);
    }
}

/* As many sections as there may be: what stands behind them is looked up among all of them. */
static const char *many_sections(struct cm_buffer *text)
{
    for (int i = 0; i < CM_INI_SECTIONS; i++)
        cm_print(cm_buffer_writer(text), "[s%d]\n", i);
    return text->text;
}

Test(ini, a_million_lines_end_within_a_second, .timeout = 60)
{
    struct cm_buffer text = {0}, sections = {0};
    const struct {
        const char *first, *line;
        bool good;
    } cases[] = {
        {"[a]\n", "; comment ", true},
        {"[a]\n", "k", false},                          /* keys without = */
        {"[a]\n", "k = 1 ; ", false},                   /* one key, over and over */
        {"[a]\nk = 1\n", "  ", false},                  /* one value, on and on */
        {many_sections(&sections), "[s511] ; ", false}, /* one section, over and over */
        {"[x-notes]\n", "note = ", true},               /* the user's own */
        {"", "k = ", false},                            /* no section */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        make_million(&text, cases[i].first, cases[i].line);
        double began = seconds();
        int status = read_bytes(text.text, text.length);
        double took = seconds() - began;
        cr_expect_eq(status, cases[i].good ? 0 : -1, "%s", cases[i].line);
        cr_expect_lt(took, 1.0, "%s: %g s", cases[i].line, took);
        cm_arena_release(&arena);
    }
    cm_buffer_release(&text);
    cm_buffer_release(&sections);
}

Test(ini, more_sections_and_keys_than_a_scenario_has_are_refused_once)
{
    char out[64];
    struct cm_buffer text = {0};
    for (int kind = 0; kind < 2; kind++) {
        cm_buffer_clear(&text);
        struct cm_writer to = cm_buffer_writer(&text);
        cm_print(to, "[a]\n");
        for (int i = 0; i < 5000; i++) {
            snprintf(out, sizeof out, kind ? "[s%d]\n" : "k%d = 1\n", i);
            cm_print(to, "%s", out);
        }
        cr_expect_eq(read_bytes(text.text, text.length), -1);
        cr_expect_eq(diags.errors, 1);
        cr_expect_eq(diags_count(&diags, CM_DIAG_TOO_LARGE), 1);
    }
    cm_buffer_release(&text);
}

/* xorshift64* (Vigna 2016): the mutations have to be the same everywhere. */
static unsigned next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (unsigned)(*state * 0x2545F4914F6CDD1Du >> 33);
}

Test(ini, mutated_files_are_read_or_refused_and_places_stay_within_their_lines)
{
    static const char good[] = "; title\n[scenario]\ninclude = a.ini, b.ini ; both\nhorizon = 2h\n"
                               "[policy.ours]\nsteps = 1%/5m, \\\n   5%/10m ; c\n\t100%\n"
                               "x-note = \"a ; b\"\n[gate.a]\nmax = {1, 2}\n  = 3\n";
    static const char spice[] = "[]=:;# \t\r\n\"<>!(){}\xC3\xBC\xFF.x-";
    uint64_t random = 1;
    char text[sizeof good];
    for (int round = 0; round < 5000; round++) {
        size_t length = sizeof good - 1;
        memcpy(text, good, length);
        for (unsigned n = next_random(&random) % 6; n > 0; n--)
            text[next_random(&random) % length] =
                spice[next_random(&random) % (sizeof spice)]; /* NUL included */
        if (next_random(&random) % 4 == 0)
            length = next_random(&random) % length;
        read_bytes(text, length);
        for (size_t i = 0; i < ini.n_keys; i++) {
            const struct cm_ini_key *key = &ini.keys[i];
            struct cm_place place = cm_ini_value_place(key, strlen(key->value) - 1, 1);
            size_t line = strlen(place.text);
            cr_assert((size_t)place.column <= line && place.length == 1, "round %d", round);
            cr_assert(place.text[place.column - 1] == key->value[strlen(key->value) - 1],
                      "round %d", round);
        }
        diags_text(&diags, &shown);
        cm_arena_release(&arena);
    }
}
