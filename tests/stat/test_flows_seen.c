/* What test_flows.c would see, and the part of the requests flow that has to know the load. */
#include "tests/stat/two_flows.h"

/* A load that never matters is played by the part of the flow that has to know it. */
Test(flows, agree_where_load_hardly_matters)
{
#define LOADED(load)                                                                               \
    "[traffic]\narrivals = bursts\nrate = 15 rps\nburst_factor = 5\nburst_every = 2m\n"            \
    "burst_lasts = 20s\n[service]\nerror_rate = 8%\nlatency_slo = 3s\n" load                       \
    "latency = 70% lognormal(median=300ms, sigma=1) + 30% exponential(mean=8s)\n"                  \
    "[class.search]\nshare = 40%\nlatency = gamma(mean=2s, shape=2)\n"                             \
    "[defect.bad]\nerror_rate = x2\nlatency = x1.5\nslow_share = 10%\nslow_latency = +2s\n"        \
    "onset = 30s\nspill = 20%\n" WATCH
    expect_agreement_of(&(struct script){LOADED(""), 0, LOOK_S, SHARES},
                        &(struct script){LOADED("latency_load = 1e9\n"), 0, LOOK_S, SHARES}, 2000);
}

/* --- what would be seen --- */

struct setting {
    double rate, error, median_ms, share, onset_s;
};

static struct readings *play_setting(const struct setting *s, enum cm_flow_kind kind, size_t n)
{
    char text[1000];
    snprintf(text, sizeof text,
             "[traffic]\nrate = %.9g rps\n[service]\nerror_rate = %.9g%%\nlatency_slo = 200ms\n"
             "latency = lognormal(median=%.9gms, sigma=0.6)\n"
             "[defect.bad]\nerror_rate = +5pp\nonset = %.9gs\n%s",
             s->rate, 100 * s->error, s->median_ms, s->onset_s, WATCH);
    struct script script = {.text = text, .release = 0, .look_s = LOOK_S};
    for (int i = 0; i < LOOKS; i++)
        script.share[i] = s->share;
    return play_all(&script, kind, n);
}

Test(flows, two_per_cent_of_any_parameter_of_either_flow_is_seen)
{
    enum { REPLICATIONS = 400 };
    static const struct setting base = {100, 0.1, 120, 0.5, 62};
    static const struct setting moved[] = {
        {102, 0.1, 120, 0.5, 62},  {100, 0.102, 120, 0.5, 62},  {100, 0.1, 122.4, 0.5, 62},
        {100, 0.1, 120, 0.51, 62}, {100, 0.1, 120, 0.5, 63.24},
    };
    struct readings *of_base[CM_FLOW_KINDS] = {NULL};
    for (int kind = CM_FLOW_COUNTS; kind <= CM_FLOW_REQUESTS; kind++)
        of_base[kind] = play_setting(&base, (enum cm_flow_kind)kind, REPLICATIONS);
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
        for (int kind = CM_FLOW_COUNTS; kind <= CM_FLOW_REQUESTS; kind++) {
            int other = CM_FLOW_COUNTS + CM_FLOW_REQUESTS - kind;
            struct readings *of_moved =
                play_setting(&moved[i], (enum cm_flow_kind)kind, REPLICATIONS);
            struct disagreement worst = compare_all(of_base[other], of_moved, REPLICATIONS);
            cr_log_info("%zu, %s: %.1f (%zu)", i, cm_flow_kind_names[kind], worst.means,
                        worst.means_at);
            cr_expect(worst.means > LIMIT, "parameter %zu of the %s flow: only %g", i,
                      cm_flow_kind_names[kind], worst.means);
            cm_free(of_moved);
        }
    struct disagreement worst =
        compare_all(of_base[CM_FLOW_COUNTS], of_base[CM_FLOW_REQUESTS], REPLICATIONS);
    cr_expect(worst.means <= LIMIT && worst.variances <= LIMIT);
    cm_free(of_base[CM_FLOW_COUNTS]);
    cm_free(of_base[CM_FLOW_REQUESTS]);
}
