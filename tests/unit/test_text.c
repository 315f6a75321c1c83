/* Slices and the nearest name. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "sim/base/text.h"

static bool equals(struct cm_slice slice, const char *want)
{
    return cm_slice_is(slice, want);
}

Test(text, trimming_takes_blanks_off_both_ends_and_nothing_else)
{
    cr_assert(equals(cm_slice_trim(cm_slice_of(" \t a b \r\n")), "a b"));
    cr_assert(equals(cm_slice_trim(cm_slice_of("")), ""));
    cr_assert(equals(cm_slice_trim(cm_slice_of(" \t ")), ""));
}

Test(text, a_separator_inside_parentheses_does_not_cut)
{
    struct cm_slice rest = cm_slice_of("f(a=1, b=2), g ,h"), part;
    cr_assert(cm_slice_cut(&rest, ',', &part) && equals(part, "f(a=1, b=2)"));
    cr_assert(cm_slice_cut(&rest, ',', &part) && equals(part, "g"));
    cr_assert(cm_slice_cut(&rest, ',', &part) && equals(part, "h"));
    cr_assert_not(cm_slice_cut(&rest, ',', &part));
}

Test(text, a_trailing_separator_leaves_an_empty_part)
{
    struct cm_slice rest = cm_slice_of("a, "), part;
    cr_assert(cm_slice_cut(&rest, ',', &part) && equals(part, "a"));
    cr_assert(cm_slice_cut(&rest, ',', &part) && equals(part, ""));
    cr_assert_not(cm_slice_cut(&rest, ',', &part));
}

Test(text, an_unbalanced_parenthesis_ends_with_the_text)
{
    struct cm_slice rest = cm_slice_of("f(a, b"), part;
    cr_assert(cm_slice_cut(&rest, ',', &part) && equals(part, "f(a, b"));
    cr_assert_not(cm_slice_cut(&rest, ',', &part));
    rest = cm_slice_of("a), b");
    cr_assert(cm_slice_cut(&rest, ',', &part) && equals(part, "a)"));
}

Test(text, names_are_lower_case_with_digits_and_dashes)
{
    static const struct {
        const char *text;
        bool is_name;
    } cases[] = {
        {"a", true},
        {"flagger-default", true},
        {"p99", true},
        {"9p", false},
        {"-a", false},
        {"A", false},
        {"a_b", false},
        {"a.b", false},
        {"", false},
        {"a b", false},
        {"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd", true}, /* 40 */
        {"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddde", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(cm_text_is_name(cm_slice_of(cases[i].text)), cases[i].is_name, "%s",
                     cases[i].text);
}

/* Expected by hand: the fewest single edits, a swap of neighbours being one. */
Test(text, distance_counts_insert_delete_replace_and_swap)
{
    static const struct {
        const char *a, *b;
        size_t want;
    } cases[] = {
        {"", "", 0},
        {"abc", "", 3},
        {"", "ab", 2},
        {"abc", "abc", 0},
        {"abc", "abd", 1},
        {"abc", "acb", 1},
        {"look_evry", "look_every", 1},
        {"treshold", "threshold", 1},
        {"kitten", "sitting", 3},
        {"ABC", "abc", 0},
        {"ca", "abc", 3}, /* optimal string alignment: no edit inside a swap */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_eq(cm_text_distance(cases[i].a, cases[i].b), cases[i].want, "%s %s", cases[i].a,
                     cases[i].b);
        cr_expect_eq(cm_text_distance(cases[i].b, cases[i].a), cases[i].want);
    }
}

Test(text, a_word_of_any_length_is_safe_and_never_near)
{
    char word[2000];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    cr_assert_eq(cm_text_distance(word, "a"), SIZE_MAX);
    cr_assert_eq(cm_text_distance("a", word), SIZE_MAX);
    cr_assert_null(cm_nearest(word, (const char *const[]){"a", word, NULL}));
    word[63] = '\0';
    cr_assert_eq(cm_text_distance(word, "a"), 62);
}

Test(text, the_nearest_name_is_within_a_third_of_the_word)
{
    static const char *const names[] = {"threshold", "interval", "max_weight", "p", NULL};
    static const struct {
        const char *word, *want;
    } cases[] = {
        {"treshold", "threshold"},
        {"intervall", "interval"},
        {"Interval", "interval"},
        {"max-weight", "max_weight"},
        {"q", "p"},
        {"bake", NULL},
        {"", "p"},
        {"xyz", NULL},
        {"threshhhhold", "threshold"},
        {"thre", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = cm_nearest(cases[i].word, names), *want = cases[i].want;
        cr_expect(got == want || (got && want && strcmp(got, want) == 0), "%s: %s", cases[i].word,
                  got ? got : "(none)");
    }
}

Test(text, of_two_equally_near_names_the_first_wins)
{
    cr_assert_str_eq(cm_nearest("rat", (const char *const[]){"rate", "ratio", "bat", NULL}),
                     "rate");
}
