/* Reports as pages. What a browser must be able to rely on is HTML Living Standard 3.2.6 (a name
 * stands for one element) and 13.1.2 (what has to be escaped); a validator reads whole pages in
 * tests/cli/report.bats. */
#include "tests/unit/hand_made.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "analysis/report.h"
#include "analysis/svg.h"
#include "analysis/write.h"

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *c = text; (c = strstr(c, what)) != NULL; c += strlen(what))
        n++;
    return n;
}

Test(html, what_would_be_markup_is_escaped_and_what_no_page_may_hold_is_a_question_mark)
{
    struct cm_buffer text = {0};
    cm_write_html_text("<b a=\"1\" b='2'>&\x01\xff</b>", cm_buffer_writer(&text));
    cr_expect_str_eq(text.text, "&#60;b a=&#34;1&#34; b=&#39;2&#39;&#62;&#38;??&#60;/b&#62;");
    cm_buffer_clear(&text);
    cm_write_html_lines("a < b\n\nc", cm_buffer_writer(&text));
    cr_expect_str_eq(text.text, "a &#60; b\n\nc");
    cm_buffer_release(&text);
}

/* Two columns of one group, one without. */
Test(html, neighbours_that_share_a_group_share_a_cell_and_limits_stand_beside_their_value)
{
    struct cm_buffer text = {0};
    struct cm_table t;
    cm_table_init(&t, NULL, 1);
    cm_table_column(&t, (struct cm_column){NULL, "policy", CM_COLUMN_TEXT, false, NULL});
    cm_table_column(&t, (struct cm_column){"leak", "seen", CM_COLUMN_SHARE, true, NULL});
    cm_table_column(&t, (struct cm_column){"leak", "after\nall", CM_COLUMN_DURATION, false, NULL});
    cm_table_text(&t, "a<b");
    cm_table_estimate(&t, (struct cm_estimate){0.5, 0.4, 0.6, 100});
    cm_table_number(&t, 90);
    cm_write_html.table(cm_buffer_writer(&text), &t);
    cr_expect_not_null(strstr(text.text, "<tr class=\"groups\"><td colspan=\"1\"></td>"
                                         "<th scope=\"colgroup\" colspan=\"2\">leak</th></tr>"));
    cr_expect_not_null(strstr(text.text, "<th scope=\"col\" class=\"n\">after\nall</th>"));
    cr_expect_not_null(strstr(text.text, "<tr><th scope=\"row\">a&#60;b</th><td class=\"n\">50.0 % "
                                         "<span class=\"limits\">[40.0, 60.0]</span></td>"
                                         "<td class=\"n\">1m30s</td></tr>"));
    cm_table_release(&t);
    cm_buffer_release(&text);
}

static const char picture[] = "<?xml version=\"1.0\"?>\n<svg\n viewBox=\"0 0 9 9\">\n"
                              "<title>Gnuplot</title>\n<desc>made by</desc>\n"
                              "<circle id='dot' r='1'/><use xlink:href='#dot' id=\"two\"/>"
                              "<g filter=\"url(#two)\"><text>an id='dot' of url(#two)</text></g>"
                              "</svg>\n";

Test(html, names_within_a_picture_and_what_refers_to_them_get_its_prefix_and_labels_do_not)
{
    struct cm_buffer text = {0};
    cm_svg_inline(picture, "p1-", "2 > 1", cm_buffer_writer(&text));
    cr_expect_str_eq(text.text,
                     "<svg role=\"img\" aria-label=\"2 &#62; 1\"\n viewBox=\"0 0 9 9\">\n"
                     "<circle id='p1-dot' r='1'/><use xlink:href='#p1-dot' id=\"p1-two\"/>"
                     "<g filter=\"url(#p1-two)\"><text>an id='dot' of url(#two)</text></g>"
                     "</svg>\n");
    cm_buffer_release(&text);
}

Test(html, what_is_no_picture_leaves_nothing)
{
    static const char *const files[] = {"", "<html></html>", "<svg viewBox='0 0 1 1'", "<svg><g>"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct cm_buffer text = {0};
        cm_svg_inline(files[i], "p1-", "none", cm_buffer_writer(&text));
        cr_expect(zero(sz, text.length), "%s", files[i]);
        cm_buffer_release(&text);
    }
}

Test(html,
     a_page_holds_the_verdict_the_pictures_and_the_scenario_in_this_order_and_asks_for_nothing)
{
    const struct cm_report_picture pictures[] = {{"One", picture}, {"Two", picture}};
    struct hand_made h;
    struct cm_buffer text = {0};
    hand_made_init(&h, 10);
    const struct cm_report_options options = {
        .format = CM_FORMAT_HTML,
        .version = "0.1.0",
        .command = "coalmine run shop.ini",
        .pictures = pictures,
        .n_pictures = 2,
        .scenario = "[traffic]\nrate = 1 rps ; <odd>\n",
    };
    cm_report_write(&h.results, &options, cm_buffer_writer(&text));
    const char *verdict = strstr(text.text, "promoted\nafter");
    const char *one = strstr(text.text, "aria-label=\"One\"");
    const char *two = strstr(text.text, "aria-label=\"Two\"");
    const char *scenario = strstr(text.text, "rate = 1 rps ; &#60;odd&#62;\n");
    cr_assert(verdict && one && two && scenario);
    cr_expect(verdict < one && one < two && two < scenario);
    cr_expect(eq(sz, count(text.text, "id='p1-dot'"), 1));
    cr_expect(eq(sz, count(text.text, "id='p2-dot'"), 1));
    cr_expect(zero(sz, count(text.text, "<script") + count(text.text, "src=") +
                           count(text.text, "<link") + count(text.text, "http")));
    hand_made_release(&h);
    cm_buffer_release(&text);
}
