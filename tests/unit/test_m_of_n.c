/* CloudWatch's alarm: its documented rows by the function, and whole looks of the gate. */
#include <criterion/criterion.h>
#include <string.h>

#include "sim/stats/m_of_n.h"
#include "tests/unit/gate_bench.h"

static enum cm_alarm state_of(size_t m, size_t n, enum cm_missing missing, const char *range)
{
    enum cm_point points[16];
    size_t length = strlen(range);
    for (size_t i = 0; i < length; i++)
        points[i] = range[i] == '-'   ? CM_POINT_MISSING
                    : range[i] == 'X' ? CM_POINT_BREACHING
                                      : CM_POINT_FINE;
    const struct cm_alarm_rule rule = {m, n, missing};
    return cm_m_of_n_state(&rule, points, length);
}

/* Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data": both
 * tables, 3 of 3 and 2 of 3; columns missing, ignore, breaching, notBreaching. */
Test(m_of_n, the_documented_rows_have_their_states)
{
    static const struct {
        size_t m;
        const char *range, *want; /* O ok, A alarm, I insufficient, K kept */
    } rows[] = {
        {3, "0-X-X", "OOOO"}, {3, "0----", "OOOO"}, {3, "-----", "IKAO"}, {3, "0XX-X", "AAAA"},
        {3, "--X--", "AKAO"}, {2, "0-X-X", "AAAA"}, {2, "00X0X", "AAAA"}, {2, "0-X--", "OOAO"},
        {2, "----0", "OOAO"}, {2, "---X-", "AKAO"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int missing = 0; missing < 4; missing++) {
            enum cm_alarm got = state_of(rows[i].m, 3, (enum cm_missing)missing, rows[i].range);
            cr_expect("OAIK"[got] == rows[i].want[missing], "%s, %zu of 3, policy %d: %c",
                      rows[i].range, rows[i].m, missing, "OAIK"[got]);
        }
}

Test(m_of_n, real_points_are_preferred_to_missing_ones_and_the_newest_count)
{
    cr_expect(state_of(1, 2, CM_MISSING_BREACHES, "X-00") == CM_ALARM_OK);
    cr_expect(state_of(2, 2, CM_MISSING_FINE, "XX--") == CM_ALARM_RAISED);
    cr_expect(state_of(1, 3, CM_MISSING, "X000") == CM_ALARM_OK);
}

Test(m_of_n, a_young_breach_raises_no_premature_alarm)
{
    cr_expect(state_of(2, 3, CM_MISSING, "----X") == CM_ALARM_OK);
    cr_expect(state_of(2, 3, CM_MISSING, "---X-") == CM_ALARM_RAISED);
}

/* --- the gate --------------------------------------------------------------------------------- */

Test(m_of_n, every_look_is_a_datapoint_and_old_ones_leave_the_range)
{
    struct bench b =
        bench_of("m_of_n", "max", "1%", "breaches", "2", "of_last", "3", "look_back", "0", NULL);
    static const struct {
        uint64_t bad;
        enum cm_label label;
    } looks[] = {{2, CM_PASS}, {0, CM_PASS}, {2, CM_FAIL}, {0, CM_PASS}, {0, CM_PASS},
                 {1, CM_PASS}, {2, CM_PASS}, {2, CM_FAIL}, {0, CM_FAIL}, {0, CM_PASS}};
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        struct cm_verdict v = bench_look(&b, 0, 900, looks[i].bad, 100);
        cr_expect(v.label == looks[i].label, "look %zu: %d", i, v.label);
        cr_expect(v.why.value == (double)looks[i].bad / 100 && v.why.limit == 0.01);
        cr_expect(!v.decisive && v.why.n1 == 100);
    }
    bench_release(&b);
}

/* 10 errors of 100 are 10 %; among the 900 of stable, which has none, they are 1 %. */
Test(m_of_n, an_alias_dilutes_the_canary)
{
    struct bench own = bench_of("m_of_n", "max", "5%", NULL);
    struct bench all = bench_of("m_of_n", "max", "5%", "scope", "alias", NULL);
    cr_expect(bench_look(&own, 0, 900, 10, 100).label == CM_FAIL);
    struct cm_verdict v = bench_look(&all, 0, 900, 10, 100);
    cr_expect(v.label == CM_PASS && v.why.value == 0.01 && v.why.n1 == 100 && v.why.n0 == 900);
    cr_expect(bench_look(&all, 41, 900, 10, 100).label == CM_FAIL);
    cr_expect(bench_look(&all, 0, 900, 0, 0).label == CM_PASS);
    bench_release(&own), bench_release(&all);
}

Test(m_of_n, missing_datapoints_go_by_their_policy)
{
    static const char *const policies[] = {"missing", "ignore", "breaching", "not_breaching"};
    static const enum cm_label at_first[] = {CM_NO_DATA, CM_NO_DATA, CM_FAIL, CM_PASS};
    static const enum cm_label later[] = {CM_NO_DATA, CM_PASS, CM_FAIL, CM_PASS};
    for (int p = 0; p < 4; p++) {
        struct bench b =
            bench_of("m_of_n", "max", "1%", "missing", policies[p], "look_back", "0", NULL);
        cr_expect(bench_look(&b, 0, 900, 0, 0).label == at_first[p], "%s", policies[p]);
        cr_expect(bench_look(&b, 0, 900, 0, 100).label == CM_PASS);
        cr_expect(bench_look(&b, 0, 900, 0, 0).label == later[p], "%s", policies[p]);
        struct cm_signal s = {.state = {CM_PASS, CM_GATE_ERROR, CM_NO_DATA}};
        struct cm_look look = {.control = CM_STABLE, .signals = &s, .n_signals = 1};
        cr_expect(b.gate->look(b.options, b.state, &look).label == CM_GATE_ERROR);
        bench_release(&b);
    }
}

Test(m_of_n, low_samples_keep_the_state_or_are_evaluated)
{
    struct bench keep =
        bench_of("m_of_n", "max", "1%", "low_samples", "ignore", "look_back", "0", NULL);
    struct bench take = bench_of("m_of_n", "max", "1%", NULL);
    cr_expect(bench_look(&keep, 0, 900, 0, 1000).label == CM_PASS);
    cr_expect(bench_look(&take, 0, 900, 0, 1000).label == CM_PASS);
    cr_expect(bench_look(&keep, 0, 900, 999, 999).label == CM_PASS);
    cr_expect(bench_look(&take, 0, 900, 999, 999).label == CM_FAIL);
    cr_expect(bench_look(&keep, 0, 900, 999, 1000).label == CM_FAIL);
    cr_expect(bench_look(&keep, 0, 900, 0, 999).label == CM_FAIL);
    bench_release(&keep), bench_release(&take);
}

Test(m_of_n, both_limits_breach_and_mistakes_are_refused)
{
    struct bench b = bench_of("m_of_n", "min", "1%", "max", "3%", NULL);
    cr_expect(bench_look(&b, 0, 900, 0, 100).label == CM_FAIL);
    cr_expect(bench_look(&b, 0, 900, 1, 100).label == CM_PASS);
    cr_expect(bench_look(&b, 0, 900, 4, 100).label == CM_FAIL);
    bench_release(&b);
    static const struct cm_metric errors = {.signal = CM_ERROR_RATIO};
    cr_expect(strstr(bench_refusal(NULL, "m_of_n", NULL).text, "no limit is set"));
    cr_expect(strstr(bench_refusal(NULL, "m_of_n", "max", "1%", "breaches", "2", NULL).text,
                     "2 breaches do not fit in the last 1 datapoints"));
    cr_expect(strstr(bench_refusal(NULL, "m_of_n", "max", "1%", "of_last", "64", NULL).text,
                     "66 together; 64 is the most"));
    cr_expect(strstr(bench_refusal(&errors, "m_of_n", "max", "500ms", NULL).text, "another unit"));
}
