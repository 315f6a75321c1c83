/* Diagnostics: where the caret stands, what is shown, what is only counted. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "sim/base/excerpt.h"
#include "sim/base/utf8.h"
#include "tests/unit/support.h"

static struct cm_diags diags;
static struct cm_buffer shown;

static void tear_down(void)
{
    cm_diags_release(&diags);
    cm_buffer_release(&shown);
}

TestSuite(diag, .fini = tear_down);

static struct cm_place place(int line, int column, int length, const char *text)
{
    return (struct cm_place){"shop.ini", line, column, length, text};
}

static const char *excerpt(struct cm_place at)
{
    cm_buffer_clear(&shown);
    cm_excerpt_write(&at, cm_buffer_writer(&shown));
    return shown.text ? shown.text : "";
}

Test(diag, a_mistake_is_shown_with_its_line_and_a_caret)
{
    cm_diag_add(&diags, CM_DIAG_UNKNOWN_KEY, place(14, 1, 9, "look_evry = 5s"),
                "[policy.ours] unknown key '%s' (did you mean '%s'?)", "look_evry", "look_every");
    cr_assert_str_eq(diags_text(&diags, &shown),
                     "shop.ini:14:1: error: [policy.ours] unknown key 'look_evry' (did you mean "
                     "'look_every'?)\n"
                     "   14 | look_evry = 5s\n"
                     "      | ^~~~~~~~~\n"
                     "1 error; nothing was run\n");
}

Test(diag, the_caret_stands_under_its_byte_whatever_comes_before)
{
    static const struct {
        int column, length;
        const char *text, *want;
    } cases[] = {
        {5, 1, "a = x", "    1 | a = x\n      |     ^\n"},
        {5, 0, "a = x", "    1 | a = x\n      |     ^\n"},
        /* a tab reaches to the next multiple of four */
        {4, 2, "a\t=xy", "    1 | a   =xy\n      |      ^~\n"},
        /* two bytes, one column */
        {6, 2, "\xC3\xBC=\xC3\xB6xy", "    1 | \xC3\xBC=\xC3\xB6xy\n      |    ^~\n"},
        /* three bytes, two columns: East Asian wide */
        {4, 3, "\xE4\xB8\xAD\xE6\x96\x87=x", "    1 | \xE4\xB8\xAD\xE6\x96\x87=x\n      |   ^~\n"},
        /* e and a combining acute accent: one column */
        {4, 1, "e\xCC\x81=x", "    1 | e\xCC\x81=x\n      |  ^\n"},
        /* behind the end of the line */
        {4, 1, "abc", "    1 | abc\n      |    ^\n"},
        {90, 4, "abc", "    1 | abc\n      |    ^\n"},
        {1, 1, "", "    1 | \n      | ^\n"},
        /* longer than what is left of the line */
        {2, 90, "abc", "    1 | abc\n      |  ^~\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = excerpt(place(1, cases[i].column, cases[i].length, cases[i].text));
        cr_expect_str_eq(got, cases[i].want, "case %zu", i);
    }
}

Test(diag, a_line_number_of_six_digits_keeps_the_caret_in_place)
{
    cr_assert_str_eq(excerpt(place(123456, 1, 1, "abc")), "123456 | abc\n       | ^\n");
}

Test(diag, of_a_long_line_a_window_round_the_caret_is_shown)
{
    char line[2001];
    memset(line, '.', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    memcpy(line + 1000, "wrong", 5);
    const char *got = excerpt(place(7, 1001, 5, line));
    const char *caret = strchr(got, '^'), *mark_row = strchr(got, '\n') + 1;
    cr_assert(caret != NULL);
    cr_expect(strlen(got) < 240, "%zu bytes", strlen(got));
    cr_expect(strncmp(got + (caret - mark_row), "wrong", 5) == 0, "%s", got);
    cr_expect(strncmp(got, "    7 | ....", 12) == 0);
    cr_expect(strncmp(caret, "^~~~~\n", 6) == 0);
}

Test(diag, every_column_of_every_kind_of_line_is_drawn_within_bounds)
{
    static const char *const parts[] = {"a",        "\t",   "\xC3\xBC", "\xE4\xB8\xAD",
                                        "\xCC\x81", "\xFF", "\x1B",     "\xF0\x9F\x98\x80"};
    char line[1200];
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        size_t n = 0, bytes = strlen(parts[p]);
        for (; n + bytes < 700; n += bytes)
            memcpy(line + n, parts[p], bytes);
        line[n] = '\0';
        for (int column = 0; column < 720; column += 7) {
            const char *got = excerpt(place(1, column, 300, line));
            cr_assert(strchr(got, '^') != NULL, "part %zu, column %d", p, column);
            cr_assert(strlen(got) < 1200);
        }
    }
}

Test(diag, nothing_that_a_terminal_obeys_is_written)
{
    cm_diag_add(&diags, CM_DIAG_SET_FORM, (struct cm_place){.file = "--set \x1B[2J"},
                "bad \x1B[31m \x07 \xC2\x9B \xFF \xC3\xBC");
    cm_diag_add(&diags, CM_DIAG_NOT_TEXT, place(1, 2, 1, "\x1B]0;x\x07"), "not text");
    const char *got = diags_text(&diags, &shown);
    for (const char *c = got; *c; c++)
        cr_assert((unsigned char)*c >= 0x20 || *c == '\n', "byte 0x%02x", (unsigned)*c);
    cr_expect(strstr(got, "--set ?[2J: error: bad ?[31m ? ?? ? \xC3\xBC\n") != NULL, "%s", got);
}

Test(diag, they_come_in_file_order_and_keep_their_order_in_one_place)
{
    struct cm_place other = {"preset.ini", 1, 1, 1, "x"};
    cm_diag_add(&diags, CM_DIAG_RULE, place(9, 1, 1, "x"), "fourth");
    cm_diag_add(&diags, CM_DIAG_RULE, other, "fifth");
    cm_diag_add(&diags, CM_DIAG_RULE, place(2, 5, 1, "x    y"), "second");
    cm_diag_add(&diags, CM_DIAG_UNUSED, place(2, 5, 1, "x    y"), "third");
    cm_diag_add(&diags, CM_DIAG_NO_POLICY, (struct cm_place){.file = "shop.ini"}, "first");
    const char *got = diags_text(&diags, &shown);
    static const char *const order[] = {"first", "second", "third", "fourth", "fifth"};
    for (size_t i = 0; i < 5; i++) {
        got = strstr(got, order[i]);
        cr_assert(got != NULL, "%s", order[i]);
    }
    cr_expect(strstr(shown.text, "shop.ini: error: first\n") != NULL);
    cr_expect(strstr(shown.text, "4 errors, 1 warning; nothing was run\n") != NULL);
}

Test(diag, warnings_alone_stop_nothing)
{
    cm_diag_add(&diags, CM_DIAG_UNUSED, place(1, 1, 1, "[x]"), "not used");
    cm_diag_add(&diags, CM_DIAG_RECORDING_NOTE, place(1, 1, 1, "[x]"), "a note");
    const char *got = diags_text(&diags, &shown);
    cr_expect(strstr(got, "shop.ini:1:1: note: a note\n") != NULL);
    cr_expect(strstr(got, "\n1 warning\n") != NULL);
}

Test(diag, without_mistakes_nothing_is_written)
{
    cr_assert_str_eq(diags_text(&diags, &shown), "");
}

Test(diag, a_hundred_are_shown_and_the_rest_is_counted)
{
    for (int i = 1; i <= 137; i++)
        cm_diag_add(&diags, CM_DIAG_UNKNOWN_KEY, place(i, 1, 1, "x"), "mistake %d.", i);
    const char *got = diags_text(&diags, &shown);
    cr_expect(strstr(got, "mistake 100.") != NULL);
    cr_expect(strstr(got, "mistake 101.") == NULL);
    cr_expect(strstr(got, "\nand 37 more\n137 errors; nothing was run\n") != NULL);
}

Test(diag, an_error_is_shown_even_after_a_hundred_warnings)
{
    for (int i = 1; i <= 120; i++)
        cm_diag_add(&diags, CM_DIAG_UNUSED, place(i, 1, 1, "x"), "idle %d.", i);
    cm_diag_add(&diags, CM_DIAG_NO_POLICY, place(500, 1, 1, "x"), "the error");
    const char *got = diags_text(&diags, &shown);
    cr_expect(strstr(got, "the error") != NULL);
    cr_expect(strstr(got, "\nand 21 more\n1 error, 120 warnings; nothing was run\n") != NULL);
}

Test(diag, slugs_are_names_and_no_two_are_alike)
{
    for (int i = 0; i < CM_DIAG_COUNT; i++) {
        const char *slug = cm_diag_slug((enum cm_diag_id)i);
        cr_expect(strspn(slug, "abcdefghijklmnopqrstuvwxyz-") == strlen(slug), "%s", slug);
        for (int k = 0; k < i; k++)
            cr_expect(strcmp(slug, cm_diag_slug((enum cm_diag_id)k)) != 0, "%s", slug);
    }
}

/* The Unicode Standard 15.0, table 3-7, and its examples of ill-formed sequences in 3.9. */
Test(diag, utf8_is_what_unicode_says)
{
    static const struct {
        const char *text;
        size_t bytes;
        int columns;
        bool good;
    } cases[] = {
        {"a", 1, 1, true},
        {"\xC3\xA9", 2, 1, true},
        {"\xE2\x82\xAC", 3, 1, true},
        {"\xEF\xBC\xA1", 3, 2, true},      /* U+FF21, fullwidth A */
        {"\xF0\x9F\x98\x80", 4, 2, true},  /* U+1F600 */
        {"\xC0\xAF", 1, 1, false},         /* overlong */
        {"\xE0\x9F\xBF", 1, 1, false},     /* overlong */
        {"\xED\xA0\x80", 1, 1, false},     /* surrogate */
        {"\xF4\x91\x92\x93", 1, 1, false}, /* above U+10FFFF */
        {"\xE2\x82", 1, 1, false},         /* cut off */
        {"\x80", 1, 1, false},
        {"\x7F", 1, 1, false},
        {"\xC2\x80", 1, 1, false}, /* C1 control */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cm_glyph glyph = cm_glyph_at(cases[i].text, strlen(cases[i].text));
        cr_expect(glyph.bytes == cases[i].bytes && glyph.columns == cases[i].columns &&
                      glyph.good == cases[i].good,
                  "case %zu", i);
    }
}
