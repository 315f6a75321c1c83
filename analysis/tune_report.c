/* Sentences and tables of a tuning. Numbers that a policy was chosen by stand in the front only;
 * everything that is claimed of the chosen one is of fresh seeds. */
#include "analysis/tune_report.h"

#include <math.h>
#include <string.h>

#include "analysis/words.h"
#include "analysis/write.h"

enum { FRONT_SHOWN = 12 };

static const char *policy_name(const struct cm_tune_field *f, const struct cm_candidate *c)
{
    return f->middle->policies[f->families[c->family]].name;
}

static const char *player_name(const struct cm_tune_report *r, enum cm_tune_player player)
{
    const struct cm_tune_field *f = r->field;
    if (player == CM_PLAYER_CHOSEN)
        return policy_name(f, r->tuning->list[r->validation->chosen]);
    return f->middle->policies[r->validation->reference].name;
}

/* --- values --- */

/* A whole value with the marks in it replaced. */
static void write_value(const struct cm_tune_field *f, const struct cm_candidate *c, size_t first,
                        struct cm_writer to)
{
    const struct cm_mark *list = f->marks->list, *mark = &list[first];
    size_t done = 0;
    cm_print(to, "%s.%s = ", mark->section, mark->key);
    for (size_t i = first; i < f->marks->n && list[i].value == mark->value; i++) {
        cm_print(to, "%.*s", (int)(list[i].at - done), mark->value + done);
        cm_mark_text(&list[i], c->u[i], to);
        done = list[i].at + list[i].length;
    }
    cm_print(to, "%s\n", mark->value + done);
}

/* Which gates are asked may be a choice: the candidate's own scenario says whom marks concern. */
void cm_tune_values_write(const struct cm_tune_field *f, const struct cm_candidate *c,
                          struct cm_writer to)
{
    struct cm_scenario s = {0};
    struct cm_diags diags = {0};
    if (!cm_tune_load(f, c, NULL, &s, &diags))
        for (size_t i = 0; i < f->marks->n; i++)
            if ((i == 0 || f->marks->list[i].value != f->marks->list[i - 1].value) &&
                cm_tune_concerns(&s, &f->marks->list[i], f->families[c->family]))
                write_value(f, c, i, to);
    cm_diags_release(&diags);
    cm_scenario_release(&s);
}

/* --- numbers in sentences --- */

static const struct cm_column share = {NULL, "", CM_COLUMN_SHARE, true, NULL};
static const struct cm_column number = {NULL, "", CM_COLUMN_NUMBER, true, NULL};
static const struct cm_column duration = {NULL, "", CM_COLUMN_DURATION, true, NULL};

static struct cm_estimate estimate_of(struct cm_scored s, uint64_t n)
{
    return (struct cm_estimate){s.value, s.low, s.high, n};
}

/* What the goal is of: "requests", "expected cost". */
static const char *goal_noun(const struct cm_tune_field *f)
{
    const char *name = cm_tune_goal_names[f->options->minimise], *dot = strchr(name, '.');
    return f->options->minimise == CM_GOAL_COST ? "expected cost" : dot + 1;
}

static void say_times(const struct cm_tune_report *r, enum cm_tune_player than, struct cm_writer to)
{
    struct cm_estimate times = cm_tune_times_smaller(r->validation, than, -1);
    cm_words_both(&number, &times, to);
    cm_print(to, " times smaller than that of %s", player_name(r, than));
}

/* --- sentences --- */

static void say_chosen(const struct cm_tune_report *r, struct cm_writer to)
{
    const struct cm_tune_played *p = &r->validation->played[CM_PLAYER_CHOSEN];
    const char *cost = r->field->options->minimise == CM_GOAL_COST ? "" : "mean blast radius of ";
    cm_print(to, "Policy %s, tuned, rolls back ", player_name(r, CM_PLAYER_CHOSEN));
    cm_words_both(&share, &p->false_rollback, to);
    cm_print(to, " of good releases, promotes a healthy one after ");
    cm_words_both(&duration, &p->time_to_promote, to);
    cm_print(to, " and has a %s", cost);
    cm_words_both(&number, &p->goal, to);
    cm_print(to, " %s: on %llu replications of seed %llu, which nothing was chosen by.",
             goal_noun(r->field), (unsigned long long)p->n,
             (unsigned long long)r->validation->seed);
}

static void say_limits(const struct cm_tune_report *r, struct cm_writer to)
{
    const struct cm_tune_validation *v = r->validation;
    if (v->confirmed && v->refused == 0)
        cm_print(to, "It keeps every limit there, by the upper end of the interval.");
    else if (v->confirmed)
        cm_print(to,
                 "It keeps every limit there; %zu candidate%s that looked better did not, on seeds "
                 "of their own, and gave way to it.",
                 v->refused, v->refused == 1 ? "" : "s");
    else if (r->tuning->standing[v->chosen].keeping == CM_KEEPS)
        cm_print(to, "Fresh seeds do not confirm that it keeps the limits: they are too narrow for "
                     "what was played, or luck chose it. More [scenario] replications tell.");
    else
        cm_print(to, "No candidate was proven to keep the limits; this one comes nearest. Wider "
                     "ranges, wider limits or more replications may.");
}

static void say_reference(const struct cm_tune_report *r, struct cm_writer to)
{
    const struct cm_tune_played *p = &r->validation->played[CM_PLAYER_REFERENCE];
    cm_print(to, "Its %s is ",
             r->field->options->minimise == CM_GOAL_COST ? "cost" : "blast radius");
    say_times(r, CM_PLAYER_REFERENCE, to);
    cm_print(to, ", which rolls back ");
    cm_words_both(&share, &p->false_rollback, to);
    cm_print(to, " of good releases and promotes after ");
    cm_words_both(&duration, &p->time_to_promote, to);
    cm_print(to, ".");
}

/* On a lattice of limits there may be no value with as many. */
static bool are_alike(const struct cm_estimate *a, const struct cm_estimate *b)
{
    return a->low <= b->high && b->low <= a->high;
}

static void say_calibrated(const struct cm_tune_report *r, struct cm_writer to)
{
    const struct cm_tune_validation *v = r->validation;
    const struct cm_tune_played *p = &v->played[CM_PLAYER_CALIBRATED];
    if (!p->there) {
        cm_print(to,
                 "%s has no gate with an option to move, so it was not calibrated to the same "
                 "false rollbacks.",
                 player_name(r, CM_PLAYER_CALIBRATED));
        return;
    }
    cm_print(to, "With %s, %s rolls back ", v->calibrated, player_name(r, CM_PLAYER_CALIBRATED));
    cm_words_both(&share, &p->false_rollback, to);
    bool alike = are_alike(&p->false_rollback, &v->played[CM_PLAYER_CHOSEN].false_rollback);
    cm_print(to, alike ? " of good releases, calibrated to as many false rollbacks: "
                       : " of good releases, as near to as many as calibration comes: ");
    cm_print(to, "the tuned policy's %s is then ",
             r->field->options->minimise == CM_GOAL_COST ? "cost" : "blast radius");
    say_times(r, CM_PLAYER_CALIBRATED, to);
    cm_print(to, ".");
}

/* 1.96 standard errors; better by luck on the search's seed shows as worse on a fresh one. */
static void say_curse(const struct cm_tune_report *r, struct cm_writer to)
{
    const double shows = 1.96;
    const struct cm_scored *before = &r->tuning->standing[r->validation->chosen].goal;
    struct cm_estimate e = estimate_of(*before, r->tuning->replications);
    cm_print(to, "The search had it at ");
    cm_words_both(&number, &e, to);
    if (r->validation->curse > shows)
        cm_print(to, ": the winner's curse shows; the fresh number is the one to quote.");
    else if (r->validation->curse < -shows)
        cm_print(to, ", more than on fresh seeds: no winner's curse, but the two differ.");
    else
        cm_print(to, ": no winner's curse beyond the noise.");
}

static void say_search(const struct cm_tune_report *r, struct cm_writer to)
{
    const struct cm_tuning *t = r->tuning;
    cm_print(to, "Tried: %zu candidates in %zu races, %zu of them to %llu replications; ", t->n,
             t->rounds, t->n_order, (unsigned long long)t->replications);
    cm_words_count(t->played, to);
    cm_print(to,
             t->end == CM_TUNE_CONVERGED ? " rollouts, until nothing better was found nearby."
                                         : " rollouts, the budget (--budget %llu repeats this).",
             (unsigned long long)t->played);
    if (t->rounds == 0)
        cm_print(to, " The budget ended in the first race: this is a first impression.");
    if (t->ties > 0)
        cm_print(to, " %zu other%s might as well have been chosen: not worse beyond the noise.",
                 t->ties, t->ties == 1 ? "" : "s");
    if (t->pressed > 0)
        cm_print(to, " %zu had to go for want of room, though not worse beyond the noise.",
                 t->pressed);
    if (t->broken > 0)
        cm_print(to, " %zu are no valid scenario and were left out.", t->broken);
}

/* --- tables --- */

static void column(struct cm_table *t, const char *name, enum cm_column_type type, bool interval)
{
    cm_table_column(t, (struct cm_column){NULL, name, type, interval, NULL});
}

static const char *const keeping_words[] = {
    [CM_KEEPS] = "yes",
    [CM_MAY_KEEP] = "maybe",
    [CM_SEEMS_TO_BREAK] = "seems not",
    [CM_BREAKS] = "no",
};

/* What a candidate says, in one line. */
static void write_line(const struct cm_tune_field *f, const struct cm_candidate *c,
                       struct cm_table *t)
{
    struct cm_buffer text = {0};
    cm_tune_values_write(f, c, cm_buffer_writer(&text));
    for (size_t i = 0; i < text.length; i++)
        if (text.text[i] == '\n')
            text.text[i] = i + 1 < text.length ? ';' : '\0';
    cm_table_text(t, text.text);
    cm_buffer_release(&text);
}

/* Every so many of the front if it is long, both ends included. */
static size_t front_at(const struct cm_tuning *t, size_t i, size_t shown)
{
    return t->front[shown < 2 ? i : i * (t->n_front - 1) / (shown - 1)];
}

static void make_front(const struct cm_tune_report *r, bool values, struct cm_table *table)
{
    const struct cm_tuning *t = r->tuning;
    size_t shown = t->n_front < FRONT_SHOWN || values ? t->n_front : FRONT_SHOWN;
    cm_table_init(table, "Pareto front: nobody has less of one without more of another", 2);
    column(table, "candidate", CM_COLUMN_COUNT, false);
    column(table, "policy", CM_COLUMN_TEXT, false);
    column(table, goal_noun(r->field), CM_COLUMN_NUMBER, true);
    column(table, "false rollback", CM_COLUMN_SHARE, true);
    column(table, "promoted after", CM_COLUMN_DURATION, false);
    column(table, "keeps limits", CM_COLUMN_TEXT, false);
    if (values)
        column(table, "values", CM_COLUMN_TEXT, false);
    for (size_t i = 0; i < shown; i++) {
        size_t index = front_at(t, i, shown);
        const struct cm_standing *s = &t->standing[index];
        cm_table_count(table, index);
        cm_table_text(table, policy_name(r->field, t->list[index]));
        cm_table_estimate(table, estimate_of(s->goal, s->n));
        cm_table_estimate(table, estimate_of(s->false_rollback, s->n));
        cm_table_estimate(table, estimate_of(s->time_to_promote, s->n));
        cm_table_text(table, keeping_words[s->keeping]);
        if (values)
            write_line(r->field, t->list[index], table);
    }
    if (shown < t->n_front)
        cm_table_note(table, "Every so many of a longer front; --format json has all of it.");
    cm_table_note(table, "As the search saw them, on the seed that they were chosen by.");
}

/* "spike", "spike x0.5". */
static void add_try(const struct cm_tune_report *r, const struct cm_tune_try *t,
                    struct cm_table *table)
{
    struct cm_buffer name = {0};
    struct cm_writer to = cm_buffer_writer(&name);
    cm_print(to, "%s", cm_results_release_name(&r->field->results, t->release));
    if (t->strength < 1 || t->strength > 1)
        cm_print(to, " x%g", t->strength);
    cm_table_text(table, name.text);
    cm_buffer_release(&name);
}

static void make_validation(const struct cm_tune_report *r, struct cm_table *table)
{
    const struct cm_tune_validation *v = r->validation;
    static const char *const what[] = {"tuned", "reference", "calibrated"};
    cm_table_init(table, "On fresh seeds", 4);
    column(table, "policy", CM_COLUMN_TEXT, false);
    column(table, "as", CM_COLUMN_TEXT, false);
    column(table, "release", CM_COLUMN_TEXT, false);
    column(table, "tuned on", CM_COLUMN_TEXT, false);
    column(table, goal_noun(r->field), CM_COLUMN_NUMBER, true);
    column(table, "missed", CM_COLUMN_SHARE, true);
    column(table, "tuned policy: times smaller", CM_COLUMN_NUMBER, true);
    for (size_t i = 0; i < v->n_tries; i++) {
        for (int p = 0; p < CM_PLAYERS; p++) {
            const struct cm_tune_played *played = &v->played[p];
            if (!played->there)
                continue;
            cm_table_text(table, player_name(r, (enum cm_tune_player)p));
            cm_table_text(table, what[p]);
            add_try(r, &v->tries[i], table);
            cm_table_text(table, v->tries[i].held_out ? "no" : "yes");
            cm_table_estimate(table, played->harm[i]);
            cm_table_estimate(table, played->missed[i]);
            if (p == CM_PLAYER_CHOSEN)
                cm_table_skip(table);
            else
                cm_table_estimate(table, cm_tune_times_smaller(v, (enum cm_tune_player)p, (int)i));
        }
    }
}

/* "ours, theirs". */
static void add_families(const struct cm_tune_field *f, const struct cm_mark *mark,
                         struct cm_table *table)
{
    struct cm_buffer names = {0};
    struct cm_writer to = cm_buffer_writer(&names);
    for (size_t i = 0; i < f->n_families; i++)
        if (cm_tune_concerns(f->middle, mark, f->families[i]))
            cm_print(to, "%s%s", names.length ? ", " : "",
                     f->middle->policies[f->families[i]].name);
    cm_table_text(table, names.length ? names.text : "if chosen");
    cm_buffer_release(&names);
}

void cm_tune_list(const struct cm_tune_field *f, struct cm_table *table)
{
    struct cm_buffer text = {0};
    cm_table_init(table, "What is tuned", 1);
    column(table, "key", CM_COLUMN_TEXT, false);
    column(table, "may be", CM_COLUMN_TEXT, false);
    column(table, "policy", CM_COLUMN_TEXT, false);
    for (size_t i = 0; i < f->marks->n; i++) {
        const struct cm_mark *m = &f->marks->list[i];
        cm_buffer_clear(&text);
        cm_print(cm_buffer_writer(&text), "%s.%s", m->section, m->key);
        cm_table_text(table, text.text);
        cm_buffer_clear(&text);
        cm_print(cm_buffer_writer(&text), "%.*s", (int)m->length, m->value + m->at);
        cm_table_text(table, text.text);
        add_families(f, m, table);
    }
    cm_buffer_release(&text);
}

/* --- formats --- */

typedef void sentence(const struct cm_tune_report *r, struct cm_writer to);

static void paragraph(const struct cm_tune_report *r, sentence *say, const struct cm_prose *prose,
                      struct cm_writer to)
{
    struct cm_buffer text = {0};
    say(r, cm_buffer_writer(&text));
    prose->paragraph(to, text.text);
    cm_buffer_release(&text);
}

static void write_values(const struct cm_tune_report *r, const struct cm_prose *prose,
                         struct cm_writer to)
{
    struct cm_buffer values = {0};
    cm_tune_values_write(r->field, r->tuning->list[r->validation->chosen],
                         cm_buffer_writer(&values));
    for (char *line = values.text ? strtok(values.text, "\n") : NULL; line;
         line = strtok(NULL, "\n"))
        prose->item(to, line);
    prose->end_of_items(to);
    cm_buffer_release(&values);
}

static void write_prose(const struct cm_tune_report *r, const struct cm_prose *prose,
                        struct cm_writer to)
{
    struct cm_table front, validation;
    make_front(r, false, &front);
    make_validation(r, &validation);
    prose->title(to, r->field->middle->title);
    paragraph(r, say_chosen, prose, to);
    paragraph(r, say_limits, prose, to);
    write_values(r, prose, to);
    if (r->validation->reference >= 0) {
        paragraph(r, say_reference, prose, to);
        paragraph(r, say_calibrated, prose, to);
    }
    prose->table(to, &validation);
    paragraph(r, say_curse, prose, to);
    prose->table(to, &front);
    paragraph(r, say_search, prose, to);
    prose->code(to, r->command);
    cm_table_release(&front);
    cm_table_release(&validation);
}

static void write_member(const char *name, struct cm_estimate e, struct cm_writer to)
{
    cm_print(to, ", \"%s\": {\"value\": ", name);
    cm_write_json_number(e.value, to);
    cm_print(to, ", \"low\": ");
    cm_write_json_number(e.low, to);
    cm_print(to, ", \"high\": ");
    cm_write_json_number(e.high, to);
    cm_print(to, "}");
}

static void write_player(const struct cm_tune_report *r, enum cm_tune_player player,
                         struct cm_writer to)
{
    const struct cm_tune_played *p = &r->validation->played[player];
    cm_print(to, "{\"policy\": ");
    cm_write_json_text(player_name(r, player), to);
    write_member("false_rollback", p->false_rollback, to);
    write_member("time_to_promote", p->time_to_promote, to);
    write_member("goal", p->goal, to);
    if (player != CM_PLAYER_CHOSEN)
        write_member("times_smaller", cm_tune_times_smaller(r->validation, player, -1), to);
    cm_print(to, "}");
}

static void write_json(const struct cm_tune_report *r, struct cm_writer to)
{
    static const char *const names[] = {"chosen", "reference", "calibrated"};
    struct cm_table front, validation;
    struct cm_buffer values = {0};
    make_front(r, true, &front);
    make_validation(r, &validation);
    cm_tune_values_write(r->field, r->tuning->list[r->validation->chosen],
                         cm_buffer_writer(&values));
    cm_print(to, "{\"minimise\": ");
    cm_write_json_text(cm_tune_goal_names[r->field->options->minimise], to);
    cm_print(to, ", \"confirmed\": %s, \"rollouts\": %llu, \"candidates\": %zu, \"races\": %zu",
             r->validation->confirmed ? "true" : "false", (unsigned long long)r->tuning->played,
             r->tuning->n, r->tuning->rounds);
    cm_print(to, ", \"seed\": %llu, \"values\": ", (unsigned long long)r->validation->seed);
    cm_write_json_text(values.text, to);
    for (int p = 0; p < CM_PLAYERS; p++) {
        if (!r->validation->played[p].there)
            continue;
        cm_print(to, ", \"%s\": ", names[p]);
        write_player(r, (enum cm_tune_player)p, to);
    }
    cm_print(to, ", \"validation\": ");
    cm_write_json_rows(&validation, to);
    cm_print(to, ", \"front\": ");
    cm_write_json_rows(&front, to);
    cm_print(to, "}\n");
    cm_buffer_release(&values);
    cm_table_release(&front);
    cm_table_release(&validation);
}

void cm_tune_report_write(const struct cm_tune_report *r, enum cm_tune_format format,
                          struct cm_writer to)
{
    struct cm_table validation;
    if (format == CM_TUNE_JSON) {
        write_json(r, to);
    } else if (format == CM_TUNE_CSV) {
        make_validation(r, &validation);
        cm_write_csv(&validation, to);
        cm_table_release(&validation);
    } else {
        write_prose(r, format == CM_TUNE_MARKDOWN ? &cm_write_markdown : &cm_write_text, to);
    }
}
