/* How a rollout ended, in the words of docs/model/measures.md: what was decided and whether
 * rightly, how long after the onset, what the release did until then, when that ended. */
#include "analysis/trace_parts.h"
#include "analysis/words.h"
#include "analysis/write.h"

static void say_at(cm_time at, struct cm_writer to)
{
    cm_trace_say_time(at, false, to);
}

static void say_duration(cm_time duration, struct cm_writer to)
{
    cm_words_duration(cm_seconds(duration), to);
}

/* The gate that spoke for the rollback, and its rule. */
static void say_culprit(const struct cm_trace *t, struct cm_writer to)
{
    const struct cm_outcome *o = &t->outcome;
    if (o->gate < 0)
        return;
    const struct cm_named_gate *gate = &t->plan.scenario->gates[t->policy->gate[o->gate]];
    cm_print(to, " by gate %s", gate->name);
    if (gate->gate->rules && o->rule >= 0)
        cm_print(to, " (%s)", gate->gate->rules[o->rule]);
}

/* What the controller decided, or that it did not. */
static void say_decision(const struct cm_trace *t, struct cm_writer to)
{
    static const char *const ends[CM_ENDS] = {
        [CM_PROMOTED] = "Promoted",
        [CM_ROLLED_BACK] = "Rolled back",
        [CM_STUCK] = "Ended with traffic on the canary",
        [CM_SUPERSEDED] = "Superseded by a newer release",
        [CM_PAUSED] = "Paused for a person who did not come; the observation ended",
        [CM_TIMED_OUT] = "Not decided; the observation ended",
    };
    const struct cm_outcome *o = &t->outcome;
    cm_print(to, "%s at ",
             t->history && o->end == CM_TIMED_OUT ? "Not decided; the history ended"
                                                  : ends[o->end]);
    say_at(o->ended_at, to);
    if (t->n > 0 && o->step >= 0)
        cm_print(to, ", in step %d", o->step + 1);
    if (o->end == CM_ROLLED_BACK)
        say_culprit(t, to);
    cm_print(to, ".");
}

/* Whether that was right: only who knows the release can say, no gate can. */
static void say_judgement(const struct cm_trace *t, struct cm_writer to)
{
    const struct cm_outcome *o = &t->outcome;
    bool harmless = cm_trace_harmless(t);
    if (harmless && o->end == CM_ROLLED_BACK) {
        cm_print(to, " A false rollback: %s.",
                 t->defect ? "nobody minds this defect" : "the release was healthy");
    } else if (harmless && o->end == CM_PROMOTED) {
        cm_print(to, " Rightly: %s.",
                 t->defect ? "nobody minds this defect" : "the release was healthy");
    } else if (o->early_rollback) {
        cm_print(to, " Before the onset, when there was nothing to detect yet.");
    } else if (o->detected) {
        cm_print(to, " Detected ");
        say_duration(o->ended_at - o->onset, to);
        cm_print(to, " after the onset.");
    } else if (!harmless && cm_outcome_missed(o)) {
        cm_print(to, " The defect was missed.");
    }
}

/* Onset to the end of harm. */
static void say_mitigation(const struct cm_trace *t, struct cm_writer to)
{
    const struct cm_outcome *o = &t->outcome;
    bool by_people = o->end != CM_ROLLED_BACK;
    if (!t->defect || o->early_rollback)
        return;
    if (o->onset == CM_NEVER) {
        cm_print(to, " It never acted on a request.");
    } else if (o->mitigated_at == CM_NEVER) {
        cm_print(to, " Time to mitigation: not reached; the harm went on when the observation "
                     "ended at ");
        say_at(t->plan.scenario->run.horizon, to);
        cm_print(to, ".");
    } else {
        cm_print(to, " Time to mitigation: ");
        say_duration(o->mitigated_at - o->onset, to);
        cm_print(to, o->end == CM_SUPERSEDED ? ", when it was superseded."
                     : by_people             ? ", when people noticed."
                                             : ", by the rollback.");
    }
}

/* `slow` only where an objective says what slow is, the KPI only where there is one. */
static void add_part(struct cm_table *table, const char *name, const struct cm_harm *harm,
                     const struct cm_scenario *s)
{
    cm_table_text(table, name);
    cm_table_count(table, harm->requests);
    cm_table_count(table, harm->failures);
    if (s->service.latency_slo != CM_NO_DURATION)
        cm_table_count(table, harm->slow);
    if (s->n_kpis > 0)
        cm_table_number(table, harm->kpi);
}

/* What the bad release did, in its three parts. */
static void write_blast(const struct cm_trace *t, struct cm_writer to)
{
    const struct cm_harm *a = &t->outcome.rollout, *b = &t->outcome.escaped;
    const struct cm_harm total = {.requests = a->requests + b->requests,
                                  .failures = a->failures + b->failures,
                                  .slow = a->slow + b->slow,
                                  .kpi = a->kpi + b->kpi};
    const struct cm_scenario *s = t->plan.scenario;
    bool slow = s->service.latency_slo != CM_NO_DURATION;
    struct cm_table table;
    cm_table_init(&table, NULL, 1);
    cm_table_column(&table, (struct cm_column){.name = "blast radius", .type = CM_COLUMN_TEXT});
    cm_table_column(&table, (struct cm_column){.name = "requests", .type = CM_COLUMN_COUNT});
    cm_table_column(&table, (struct cm_column){.name = "failures", .type = CM_COLUMN_COUNT});
    if (slow)
        cm_table_column(&table, (struct cm_column){.name = "slow", .type = CM_COLUMN_COUNT});
    if (s->n_kpis > 0)
        cm_table_column(&table, (struct cm_column){.name = "KPI lost", .type = CM_COLUMN_NUMBER});
    add_part(&table, "during the rollout", a, s);
    add_part(&table, "escaped, after it", b, s);
    add_part(&table, "total", &total, s);
    cm_table_note(&table,
                  slow ? "Requests that the release served since the onset; failures and slow "
                         "answers that the defect caused."
                       : "Requests that the release served since the onset; failures that "
                         "the defect caused.");
    cm_write_text.table(to, &table);
    cm_table_release(&table);
}

/* Two numbers: a look asks several gates. */
static void say_looks(const struct cm_outcome *o, struct cm_writer to)
{
    cm_print(to, " ");
    cm_words_count(o->looks, to);
    cm_print(to, o->looks == 1 ? " look, " : " looks, ");
    cm_words_count(o->evaluations, to);
    cm_print(to, o->evaluations == 1 ? " verdict." : " verdicts.");
}

/* A release that never harmed has no blast radius, not one of 0. */
void cm_trace_say_outcome(const struct cm_trace *t, struct cm_writer to)
{
    struct cm_buffer text = {0};
    struct cm_writer out = cm_buffer_writer(&text);
    say_decision(t, out);
    if (!t->history) /* nobody knows what the release was like */
        say_judgement(t, out);
    say_mitigation(t, out);
    say_looks(&t->outcome, out);
    cm_write_text.heading(to, "Outcome");
    cm_write_text.paragraph(to, text.text);
    if (t->defect && t->outcome.onset != CM_NEVER)
        write_blast(t, to);
    cm_buffer_release(&text);
}
