/* Help, template and reference: made from the tables of this very build, so that what is tested
 * here holds for every section, kind and key there is. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analysis/results.h"
#include "sim/scenario/describe.h"
#include "sim/scenario/describe_row.h"
#include "sim/scenario/scenario.h"
#include "tests/unit/support.h"

enum { SECTIONS_MAX = 64 };

/* All sections of a file, those of the analysis included. */
static const struct cm_section *const *all_sections(void)
{
    static const struct cm_section *all[SECTIONS_MAX];
    size_t n = 0;
    for (size_t i = 0; cm_scenario_sections[i]; i++)
        all[n++] = cm_scenario_sections[i];
    for (size_t i = 0; cm_analysis_sections[i]; i++)
        all[n++] = cm_analysis_sections[i];
    all[n] = NULL;
    return all;
}

/* --- what every table has to keep to --- */

static void check_row(const struct cm_topic *topic)
{
    const struct cm_param *row = topic->row;
    size_t length = strlen(row->help);
    cr_expect(length > 10 && row->help[length - 1] == '.', "%s: %s", topic->name, row->help);
    cr_expect_null(strchr(row->help, '\n'), "%s", topic->name);
    cr_expect_leq(row->min, row->max, "%s", topic->name);
    if (!row->dflt)
        return;
    struct cm_param alone = *row;
    alone.offset = 0;
    max_align_t value[64] = {0}, again[64] = {0};
    struct cm_arena arena = {0};
    struct cm_err err = {0};
    struct cm_buffer text = {0}, second = {0};
    cr_assert_eq(cm_param_set(&alone, value, row->dflt, &arena, &err), 0, "%s = %s: %s",
                 topic->name, row->dflt, err.text);
    row->type->print(&alone, value, cm_buffer_writer(&text));
    cr_assert_eq(cm_param_set(&alone, again, text.text, &arena, &err), 0, "%s = %s: %s",
                 topic->name, text.text, err.text);
    row->type->print(&alone, again, cm_buffer_writer(&second));
    cr_expect_str_eq(text.text, second.text, "%s", topic->name);
    cm_buffer_release(&text);
    cm_buffer_release(&second);
    cm_arena_release(&arena);
}

Test(describe, every_key_has_a_sentence_and_a_default_that_reads_back)
{
    struct cm_arena arena = {0};
    struct cm_topics topics = cm_describe_topics(all_sections(), &arena);
    cr_assert_gt(topics.n, 100);
    for (size_t i = 0; i < topics.n; i++)
        if (topics.list[i].row)
            check_row(&topics.list[i]);
    cm_arena_release(&arena);
}

Test(describe, every_summary_is_one_sentence)
{
    struct cm_arena arena = {0};
    struct cm_topics topics = cm_describe_topics(all_sections(), &arena);
    for (size_t i = 0; i < topics.n; i++) {
        const struct cm_topic *topic = &topics.list[i];
        const char *summary = topic->kind ? topic->kind->summary : topic->section->summary;
        cr_expect(summary && summary[strlen(summary) - 1] == '.', "%s: %s", topic->name, summary);
    }
    cm_arena_release(&arena);
}

/* --- questions --- */

/* The names of the topics that answer best, with blanks between them. */
static void ask(const char *question, struct cm_buffer *names)
{
    struct cm_arena arena = {0};
    struct cm_topics topics = cm_describe_topics(all_sections(), &arena);
    int best = 1;
    cm_buffer_clear(names);
    cm_print(cm_buffer_writer(names), " ");
    for (size_t i = 0; i < topics.n; i++) {
        int match = cm_describe_match(question, &topics.list[i]);
        if (match > best) {
            cm_buffer_clear(names);
            cm_print(cm_buffer_writer(names), " ");
        }
        best = match > best ? match : best;
        if (match == best)
            cm_print(cm_buffer_writer(names), "%s ", topics.list[i].name);
    }
    cm_arena_release(&arena);
}

Test(describe, a_question_finds_sections_kinds_and_keys)
{
    static const struct {
        const char *question, *found;
    } cases[] = {
        {"gate", "gate "},
        {"gates", "gate "},
        {"policies", "policy "},
        {"classes", "class "},
        {"laws", "law "},
        {"traffic", "traffic "},
        {"gate.threshold", "gate.threshold "},
        {"defect.profile", "defect.profile "},
        {"gate.threshold.max", "gate.threshold.max "},
        {"traffic.correlation", "traffic.gamma_poisson.correlation "},
        {"gate.my-own.count", "gate.threshold.count gate.argo_metric.count "},
        {"lognormal", "law.lognormal "},
        {"latency_slo", "service.latency_slo "},
    };
    struct cm_buffer names = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ask(cases[i].question, &names);
        cr_expect_str_eq(names.text + 1, cases[i].found, "%s finds '%s'", cases[i].question,
                         names.text);
    }
    cm_buffer_release(&names);
}

Test(describe, a_word_that_stands_in_several_places_finds_them_all)
{
    struct cm_buffer names = {0};
    ask("rate", &names);
    cr_expect(strstr(names.text, " traffic.poisson.rate "));
    cr_expect(strstr(names.text, " traffic.diurnal.rate "));
    cr_expect_null(strstr(names.text, "service.error_rate"));
    cm_buffer_release(&names);
}

Test(describe, what_nobody_knows_finds_nothing)
{
    static const char *const questions[] = {"",       ".",     "s",     "gatess",
                                            "gate.",  ".gate", "xyzzy", "gate.threshold.max.max2",
                                            "polici", "clas"};
    struct cm_buffer names = {0};
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        ask(questions[i], &names);
        cr_expect_str_eq(names.text, " ", "'%s' finds '%s'", questions[i], names.text);
    }
    cm_buffer_release(&names);
}

/* --- answers --- */

Test(describe, every_topic_is_answered_with_its_own_words)
{
    struct cm_arena arena = {0};
    struct cm_topics topics = cm_describe_topics(all_sections(), &arena);
    struct cm_buffer text = {0};
    for (size_t i = 0; i < topics.n; i++) {
        const struct cm_topic *topic = &topics.list[i];
        cm_buffer_clear(&text);
        cm_describe_topic(topic, cm_buffer_writer(&text));
        const char *last = strrchr(topic->name, '.');
        char summary[20]; /* its beginning: the rest may be on the next line */
        snprintf(summary, sizeof summary, "%s", topic->section->summary);
        cr_expect(strstr(text.text, last ? last + 1 : summary), "%s:\n%s", topic->name, text.text);
        cr_expect_null(strstr(text.text, "(null)"), "%s", topic->name);
        cr_expect_eq(text.text[text.length - 1], '\n', "%s", topic->name);
    }
    cm_buffer_release(&text);
    cm_arena_release(&arena);
}

Test(describe, lines_are_wrapped_at_blanks_and_long_words_stay_whole)
{
    struct cm_buffer text = {0};
    char word[120];
    memset(word, 'w', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    cm_describe_wrap("- ", "  ", word, cm_buffer_writer(&text));
    cr_expect_eq(text.length, 2 + sizeof word - 1 + 1);
    cm_buffer_clear(&text);
    cm_describe_wrap("- ", "  ",
                     "one two three four five six seven eight nine ten eleven twelve thirteen "
                     "fourteen fifteen",
                     cm_buffer_writer(&text));
    cr_expect_str_eq(text.text,
                     "- one two three four five six seven eight nine ten eleven twelve thirteen\n"
                     "  fourteen fifteen\n");
    cm_buffer_release(&text);
}

Test(describe, ranges_are_said_in_the_unit_of_their_type)
{
    static const struct {
        struct cm_param row;
        const char *want;
    } cases[] = {
        {{.type = &cm_type_prob, .min = 0.001, .max = 0.5}, "0.1% to 50%"},
        {{.type = &cm_type_duration, .min = 1e9, .max = 3600e9}, "1s to 1h"},
        {{.type = &cm_type_duration, .min = 1e9, .max = CM_MAX_DURATION}, "at least 1s"},
        {{.type = &cm_type_number, .min = -2, .max = 0.5}, "-2 to 0.5"},
        {{.type = &cm_type_count, .min = 1, .max = 1e9}, "at least 1"},
        {{.type = &cm_type_rate, .min = 0, .max = 1e9}, ""},
        {{.type = &cm_type_text}, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cm_buffer text = {0};
        bool said = cm_describe_range(&cases[i].row, cm_buffer_writer(&text));
        cr_expect_str_eq(text.text ? text.text : "", cases[i].want);
        cr_expect_eq(said, cases[i].want[0] != '\0');
        cm_buffer_release(&text);
    }
}

/* --- the template --- */

Test(describe, the_template_loads_as_it_stands)
{
    struct cm_buffer text = {0}, said = {0};
    cm_describe_template(all_sections(), cm_buffer_writer(&text));
    struct memory_file files[] = {{"template.ini", text.text, 0}, {0}};
    struct cm_scenario scenario = {0};
    struct cm_diags diags = {0};
    struct cm_load load = {
        .path = "template.ini", .source = memory_source(files), .extra = cm_analysis_sections};
    int status = cm_scenario_load(&scenario, &load, &diags);
    cr_expect_eq(status, 0, "%s", diags_text(&diags, &said));
    cr_expect_eq(diags_count(&diags, CM_DIAG_UNUSED), 0, "%s", diags_text(&diags, &said));
    cr_expect_eq(diags_count(&diags, CM_DIAG_NO_GATES), 0, "%s", diags_text(&diags, &said));
    cm_diags_release(&diags);
    cm_scenario_release(&scenario);
    cm_buffer_release(&text);
    cm_buffer_release(&said);
}

Test(describe, the_template_has_every_section_kind_and_key)
{
    struct cm_buffer text = {0};
    struct cm_arena arena = {0};
    cm_describe_template(all_sections(), cm_buffer_writer(&text));
    struct cm_topics topics = cm_describe_topics(all_sections(), &arena);
    for (size_t i = 0; i < topics.n; i++) {
        const struct cm_topic *topic = &topics.list[i];
        char line[200];
        const char *last = strrchr(topic->name, '.');
        if (topic->section == &cm_describe_laws)
            continue;
        if (topic->kind && !topic->row)
            snprintf(line, sizeof line, "%s = %s\n", topic->section->kind_key, topic->kind->name);
        else if (last)
            snprintf(line, sizeof line, "%s = ", last + 1);
        else
            snprintf(line, sizeof line, "[%s%s%s]\n", topic->name,
                     topic->section->named ? ".my-" : "", topic->section->named ? topic->name : "");
        cr_expect(strstr(text.text, line), "%s is missing", line);
    }
    cm_arena_release(&arena);
    cm_buffer_release(&text);
}

/* A table with rules that the defaults do not pass, and a required key out of its example's range.
 */
struct strict {
    struct cm_change effect;
    double share;
    const char *file;
};
static int strict_check(const void *options, struct cm_err *err)
{
    const struct strict *o = options;
    return o->effect.times == 1 ? cm_fail(err, "an effect is needed") : 0;
}
static const struct cm_param strict_rows[] = {
    CM_CHANGE_PROB(struct strict, effect, "none", "The effect."),
    CM_PROB(struct strict, share, NULL, 0.2, 0.3, "A share."),
    CM_TEXT(struct strict, file, NULL, "A file."),
    CM_PARAMS_END,
};
static const struct cm_section strict_section = {
    .name = "strict",
    .summary = "For the test.",
    .params = strict_rows,
    .size = sizeof(struct strict),
    .check = strict_check,
};

Test(describe, the_template_gives_what_the_rules_of_a_section_need)
{
    struct cm_buffer text = {0};
    cm_describe_template((const struct cm_section *const[]){&strict_section, NULL},
                         cm_buffer_writer(&text));
    cr_expect(strstr(text.text, "\neffect = x3\n"), "%s", text.text);
    cr_expect(strstr(text.text, "\nshare = 20%\n"), "%s", text.text);
    cr_expect(strstr(text.text, "\nfile = my-file\n"), "%s", text.text);
    cm_buffer_release(&text);
}

/* --- the reference --- */

Test(describe, the_reference_has_every_kind_key_and_diagnostic)
{
    struct cm_buffer text = {0};
    struct cm_arena arena = {0};
    cm_describe_reference(all_sections(), cm_buffer_writer(&text));
    struct cm_topics topics = cm_describe_topics(all_sections(), &arena);
    for (size_t i = 0; i < topics.n; i++) {
        char cell[200];
        if (!topics.list[i].row)
            continue;
        snprintf(cell, sizeof cell, "\n| `%s` | ", topics.list[i].row->name);
        cr_expect(strstr(text.text, cell), "%s is missing", topics.list[i].name);
    }
    for (int id = 0; id < CM_DIAG_COUNT; id++)
        cr_expect(strstr(text.text, cm_diag_slug((enum cm_diag_id)id)));
    cm_arena_release(&arena);
    cm_buffer_release(&text);
}

Test(describe, every_line_of_a_table_has_as_many_cells_as_its_head)
{
    struct cm_buffer text = {0};
    size_t cells = 0;
    cm_describe_reference(all_sections(), cm_buffer_writer(&text));
    for (const char *line = text.text; *line; line += strcspn(line, "\n") + 1) {
        size_t bars = 0;
        if (*line == '|')
            for (const char *at = line; *at != '\n'; at++)
                bars += *at == '|' && (at == line || at[-1] != '\\');
        if (cells && bars)
            cr_expect_eq(bars, cells, "%.*s", (int)strcspn(line, "\n"), line);
        cells = bars;
    }
    cm_buffer_release(&text);
}
