/* Writers and error messages. */
#include <criterion/criterion.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/write.h"

Test(write, a_buffer_collects_what_is_printed)
{
    struct cm_buffer b = {0};
    struct cm_writer to = cm_buffer_writer(&b);
    cm_print(to, "%d ", 1);
    cm_print(to, "%s", "two");
    cr_assert_str_eq(b.text, "1 two");
    cr_assert_eq(b.length, 5);
    cm_buffer_clear(&b);
    cr_assert_str_eq(b.text, "");
    cm_print(to, "three");
    cr_assert_str_eq(b.text, "three");
    cm_buffer_release(&b);
    cm_buffer_release(&b);
    cr_assert_null(b.text);
}

Test(write, a_line_of_any_length_arrives_whole)
{
    static const size_t lengths[] = {0, 1, 63, 64, 510, 511, 512, 513, 5000, 100000};
    static char text[100001];
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memset(text, 'a' + (int)i, lengths[i]);
        text[lengths[i]] = '\0';
        struct cm_buffer b = {0};
        cm_print(cm_buffer_writer(&b), "<%s>", text);
        cr_assert_eq(b.length, lengths[i] + 2);
        cr_assert_eq(strlen(b.text), b.length);
        cr_assert_eq(memcmp(b.text + 1, text, lengths[i]), 0);
        cm_buffer_release(&b);
    }
}

Test(write, many_small_pieces_keep_their_order)
{
    struct cm_buffer b = {0};
    for (int i = 0; i < 5000; i++)
        cm_print(cm_buffer_writer(&b), "%c", 'a' + i % 26);
    for (int i = 0; i < 5000; i++)
        cr_assert_eq(b.text[i], 'a' + i % 26);
    cm_buffer_release(&b);
}

Test(write, clearing_an_unused_buffer_is_safe)
{
    struct cm_buffer b = {0};
    cm_buffer_clear(&b);
    cm_buffer_release(&b);
}

Test(err, failing_returns_minus_one_and_keeps_the_words)
{
    struct cm_err err = {.at = 7, .length = 9};
    cr_assert_eq(cm_fail(&err, "%s is %d", "x", 5), -1);
    cr_assert_str_eq(err.text, "x is 5");
    cr_assert_eq(err.length, 0);
    cr_assert_eq(cm_fail_at(&err, 3, 2, "there"), -1);
    cr_assert_eq(err.at, 3);
    cr_assert_eq(err.length, 2);
}

Test(err, a_message_that_does_not_fit_is_cut)
{
    char text[2000];
    memset(text, 'z', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct cm_err err;
    cm_fail(&err, "%s", text);
    cr_assert_eq(strlen(err.text), sizeof err.text - 1);
}
