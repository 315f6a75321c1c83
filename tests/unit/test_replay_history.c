/* Replays: a recorded simulation is judged as it was, and tables say what is wrong with them. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "analysis/replay.h"
#include "tests/stat/scenario_text.h"

#define SHOP                                                                                       \
    "[scenario]\nhorizon = 1h\nseed = 3\n[traffic]\nrate = 60 rps\n"                               \
    "[service]\nerror_rate = 0.5%%\nlatency = fixed(value=1ms)\n"                                  \
    "[defect.spike]\nerror_rate = +1pp\nonset = 4m\n"                                              \
    "[metric.errors]\nsignal = error_ratio\nwindow = 1m\n"                                         \
    "[gate.origin]\ntest = origin_mixture\nmetric = errors\n"                                      \
    "[gate.limit]\ntest = threshold\nmetric = errors\nmax = 2%%\nfailures = 2\n"                   \
    "[policy.p]\ncontroller = steps\nsteps = 10%%/5m, 50%%/10m, 100%%\nlook_every = 1m\n"          \
    "gates = %s\n"

static void load(struct cm_scenario *s, const char *gate)
{
    struct cm_buffer text = {0};
    cm_print(cm_buffer_writer(&text), SHOP, gate);
    load_text(s, text.text, NULL);
    cm_buffer_release(&text);
}

/* What the looks of a trace showed, as a table. */
static void write_table(const struct cm_trace *t, struct cm_writer to)
{
    cm_print(to, "time,errors.canary.requests,errors.canary.errors,errors.stable.requests,"
                 "errors.stable.errors\n0,,,,\n");
    for (size_t i = 0; i < t->n; i++) {
        if (t->events[i].what != CM_TRACE_LOOK)
            continue;
        const struct cm_trace_arm *arm = t->events[i].look->signals[0].arm;
        cm_print(
            to, "%.9g,%llu,%llu,%llu,%llu\n", cm_seconds(t->events[i].at),
            (unsigned long long)arm[CM_CANARY].requests, (unsigned long long)arm[CM_CANARY].errors,
            (unsigned long long)arm[CM_STABLE].requests, (unsigned long long)arm[CM_STABLE].errors);
    }
}

static void expect_same(const struct cm_trace *a, const struct cm_trace *b)
{
    cr_expect(a->outcome.end == b->outcome.end && a->outcome.ended_at == b->outcome.ended_at);
    cr_expect(a->outcome.looks == b->outcome.looks && a->outcome.rule == b->outcome.rule);
    size_t k = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (a->events[i].what != CM_TRACE_LOOK)
            continue;
        while (k < b->n && b->events[k].what != CM_TRACE_LOOK)
            k++;
        cr_assert(k < b->n, "a look is missing");
        const struct cm_trace_look *x = a->events[i].look, *y = b->events[k].look;
        cr_expect(a->events[i].at == b->events[k].at && x->verdict.label == y->verdict.label);
        cr_expect(x->verdict.why.n1 == y->verdict.why.n1 && x->verdict.why.x0 == y->verdict.why.x0);
        k++;
    }
}

/* Looks come once a window, so that counts since the last look are those of the window. */
static void replay_simulation(const char *gate, int release)
{
    struct cm_scenario s;
    struct cm_trace simulated, replayed;
    struct cm_history history;
    struct cm_buffer table = {0};
    struct cm_err err = {0};
    load(&s, gate);
    const struct cm_plan plan = {.scenario = &s, .release = release, .strength = 1};
    cm_trace_record(&simulated, &plan, 0);
    write_table(&simulated, cm_buffer_writer(&table));
    cr_assert(cm_history_read(&history, &s, "t.csv", table.text, table.length, &err) == 0, "%s",
              err.text);
    cr_assert(cm_replay_check(&s, 0, &history, &err) == 0, "%s", err.text);
    cm_replay_record(&replayed, &s, 0, &history);
    expect_same(&simulated, &replayed);
    cm_trace_release(&simulated), cm_trace_release(&replayed);
    cm_history_release(&history);
    cm_buffer_release(&table);
    cm_scenario_release(&s);
}

Test(replay_history, of_a_simulation_ends_as_it_did)
{
    replay_simulation("origin", -1);
    replay_simulation("origin", 0);
    replay_simulation("limit", -1);
    replay_simulation("limit", 0);
}

Test(replay_history, ends_undecided_where_the_table_does)
{
    struct cm_scenario s;
    struct cm_trace t;
    struct cm_history h;
    struct cm_err err = {0};
    static const char table[] = "time,errors.canary\n0,\n60,0\n120,1%\n";
    load(&s, "limit");
    cr_assert(cm_history_read(&h, &s, "t.csv", table, strlen(table), &err) == 0, "%s", err.text);
    cm_replay_record(&t, &s, 0, &h);
    cr_expect(t.outcome.end == CM_TIMED_OUT && t.outcome.ended_at == 2 * CM_MINUTE);
    cr_expect(t.outcome.looks == 2);
    cm_trace_release(&t), cm_history_release(&h), cm_scenario_release(&s);
}

Test(replay_history, goes_stale_after_five_minutes)
{
    struct cm_scenario s;
    struct cm_history h;
    struct cm_err err = {0};
    static const char table[] = "time,errors.canary\n0,0.5\n3600,0.5\n";
    load(&s, "limit");
    cr_assert(cm_history_read(&h, &s, "t.csv", table, strlen(table), &err) == 0, "%s", err.text);
    cr_expect(cm_history_signal(&h, &s, 0, 299 * CM_SECOND).state[CM_CANARY] == CM_PASS);
    cr_expect(cm_history_signal(&h, &s, 0, 300 * CM_SECOND).state[CM_CANARY] == CM_NO_DATA);
    cr_expect(cm_history_signal(&h, &s, 0, CM_MINUTE).state[CM_STABLE] == CM_NO_DATA);
    cm_history_release(&h), cm_scenario_release(&s);
}

Test(replay_history, tables_that_cannot_be_read_say_why_and_where)
{
    static const struct {
        const char *table, *says;
    } bad[] = {
        {"", "is empty"},
        {"when,errors.canary\n", "has to be 'time'"},
        {"time\n0\n", "no column beside the time"},
        {"time,errors\n", "is not METRIC.VERSION"},
        {"time,latency.canary\n", "does not have"},
        {"time,errors.green\n", "none of stable, canary, baseline"},
        {"time,errors.canary.count\n", "neither .requests nor .errors"},
        {"time,errors.canary,errors.canary\n", "twice"},
        {"time,errors.canary\n", "no row"},
        {"time,errors.canary\n0,1\n0,1\n", "t.csv:3: the time is not after"},
        {"time,errors.canary\n0,x\n", "t.csv:2: a cell"},
        {"time,errors.canary.errors\n0,1.5\n", "no count"},
        {"time,errors.canary\n0\n", "t.csv:2: the row has"},
    };
    struct cm_scenario s;
    load(&s, "limit");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cm_history h;
        struct cm_err err = {0};
        cr_expect(cm_history_read(&h, &s, "t.csv", bad[i].table, strlen(bad[i].table), &err));
        cr_expect(strstr(err.text, bad[i].says), "'%s' says '%s'", bad[i].table, err.text);
        cm_history_release(&h);
    }
    cm_scenario_release(&s);
}

Test(replay_history, what_a_gate_would_miss_is_named)
{
    struct cm_scenario s;
    struct cm_history h;
    struct cm_err err = {0};
    static const char table[] = "time,errors.canary\n0,0\n60,0\n";
    load(&s, "origin");
    cr_assert(cm_history_read(&h, &s, "t.csv", table, strlen(table), &err) == 0);
    cr_expect(cm_replay_check(&s, 0, &h, &err) && strstr(err.text, "errors.stable.errors"), "%s",
              err.text);
    cm_history_release(&h), cm_scenario_release(&s);
}
