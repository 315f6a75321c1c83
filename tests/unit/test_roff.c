/* Text for manual pages: what roff would take for its own is escaped. */
#include <criterion/criterion.h>

#include "sim/base/roff.h"

static void expect(void (*write)(struct cm_writer, const char *), const char *text,
                   const char *want)
{
    struct cm_buffer got = {0};
    write(cm_buffer_writer(&got), text);
    cr_expect_str_eq(got.text ? got.text : "", want, "%s: %s", text, got.text);
    cm_buffer_release(&got);
}

/* groff_char(7): what each of these is in a page. */
Test(roff, characters_of_roff_are_escaped)
{
    expect(cm_roff_words, "a-b \\ 'c' `d` ^ ~ \"",
           "a\\-b \\e \\(aqc\\(aq \\(gad\\(ga \\(ha \\(ti \\(dq");
}

Test(roff, no_line_of_text_begins_a_request)
{
    expect(cm_roff_prose, ".TH is text", ".PP\n\\&.TH is text\n");
    expect(cm_roff_prose, "one\n.two\n'three", ".PP\none\n\\&.two\n\\(aqthree\n");
    expect(cm_roff_example, ".ini\n", ".PP\n.RS 4\n.nf\n\\&.ini\n.fi\n.RE\n");
}

Test(roff, an_empty_line_begins_a_paragraph)
{
    expect(cm_roff_prose, "one\n\n\ntwo", ".PP\none\n.PP\ntwo\n");
}

Test(roff, indented_lines_are_shown_as_they_are)
{
    expect(cm_roff_prose, "say:\n\n  a  b\n    c\n\nand so on",
           ".PP\nsay:\n.PP\n.RS 4\n.nf\na  b\n  c\n.fi\n.RE\n.PP\nand so on\n");
    expect(cm_roff_prose, "  a\n", ".PP\n.RS 4\n.nf\na\n.fi\n.RE\n");
}

Test(roff, a_macro_has_one_argument)
{
    struct cm_buffer got = {0};
    cm_roff_macro(cm_buffer_writer(&got), "SH", "EXIT STATUS \"x\"");
    cr_expect_str_eq(got.text, ".SH \"EXIT STATUS \\(dqx\\(dq\"\n");
    cm_buffer_release(&got);
}
