/* What one request costs in the requests flow.
 *
 *     build/bench/bench_requests               nanoseconds of CPU time and millions a second
 *     build/bench/bench_requests CASE MINUTES  plays one case for so long and prints how many
 *                                              requests were answered
 *
 * Each figure is the fastest of REPEATS runs: noise only ever adds. Instructions are exact, and
 * what a limit should be set on; they are the difference of two lengths, so that loading cancels
 * out:
 *
 *     valgrind --tool=callgrind --callgrind-out-file=/dev/null build/bench/bench_requests open 1
 *     ... the same with 11; (instructions - instructions) / (requests - requests) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/engine/flow.h"
#include "tests/unit/support.h"

#define REPEATS 5
#define BLOCK   (10 * CM_SECOND)

#define LOGNORMAL "lognormal(median=80ms, sigma=0.6)"
#define MIXTURE   "95% " LOGNORMAL " + 5% lognormal(median=400ms, sigma=0.5)"
#define SCENARIO(rate, latency, more)                                                              \
    "[scenario]\nflow = requests\n[traffic]\nrate = " rate "\n"                                    \
    "[metric.p95]\nsignal = latency_quantile\nquantile = 95%\nwindow = 1m\n"                       \
    "[policy.p]\nsteps = 50%/1m, 100%\n"                                                           \
    "[service]\nlatency_slo = 300ms\nlatency = " latency "\n" more

static const struct bench_case {
    const char *name, *what, *text;
} cases[] = {
    {"open", "open loop, lognormal", SCENARIO("1000 rps", LOGNORMAL, "")},
    {"mixture", "open loop, mixture of two lognormals", SCENARIO("1000 rps", MIXTURE, "")},
    {"classes", "open loop, three classes, one of them a mixture",
     SCENARIO("1000 rps", LOGNORMAL,
              "[class.checkout]\nshare = 8%\nlatency = " MIXTURE "\n"
              "[class.search]\nshare = 30%\nerror_rate = 1%\n")},
    {"ten", "under load, 10 in flight", SCENARIO("100 rps", LOGNORMAL, "latency_load = 10000\n")},
    {"eighty", "under load, 80 in flight",
     SCENARIO("1000 rps", LOGNORMAL, "latency_load = 10000\n")},
    {"load", "under load, mixture, 200 in flight",
     SCENARIO("1000 rps", MIXTURE, "latency_load = 200\n")},
};
enum { CASES = sizeof cases / sizeof *cases };

static void load(struct cm_scenario *scenario, const char *text)
{
    struct memory_file files[] = {{"bench.ini", text, 0}, {0}};
    const struct cm_load how = {.path = "bench.ini", .source = memory_source(files)};
    struct cm_diags diags = {0};
    if (cm_scenario_load(scenario, &how, &diags)) {
        fprintf(stderr, "%s\n", diags.list[0].text);
        exit(EXIT_FAILURE);
    }
    cm_diags_release(&diags);
}

static uint64_t answered(const struct cm_ledger *l)
{
    uint64_t cells[CM_CELLS_MAX], sum = 0;
    cm_ledger_read(l, cm_ledger_now(l), cells);
    for (size_t c = 0; c < l->n_cells; c++)
        sum += cells[c];
    return sum;
}

/* Half of the traffic on the canary, a look every BLOCK; how many requests were answered. */
static uint64_t play(struct cm_flow *flow, uint64_t replication, cm_time horizon)
{
    struct cm_harm harm = {0};
    uint64_t histogram[CM_EDGES_MAX + 1];
    cm_flow_begin(flow, replication, &harm);
    cm_world_route(&flow->world, 0.5);
    for (cm_time now = BLOCK; now <= horizon; now += BLOCK) {
        cm_flow_advance(flow, now);
        cm_ledger_histogram(&flow->ledger, now - CM_MINUTE, CM_CANARY, -1, histogram);
    }
    return answered(&flow->ledger);
}

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double fastest(const char *text)
{
    struct cm_scenario scenario = {0};
    struct cm_plan plan = {.scenario = &scenario, .release = -1, .strength = 1};
    struct cm_flow flow;
    double best = 1e300;
    load(&scenario, text);
    cm_flow_init(&flow, &plan);
    for (uint64_t i = 0; i < REPEATS; i++) {
        double start = cpu_ns(), requests = (double)play(&flow, i, 20 * CM_MINUTE);
        double took = (cpu_ns() - start) / requests;
        best = took < best ? took : best;
    }
    cm_flow_release(&flow);
    cm_scenario_release(&scenario);
    return best;
}

static int play_one(const char *name, const char *minutes)
{
    size_t i = 0;
    while (i < CASES && strcmp(cases[i].name, name) != 0)
        i++;
    if (i == CASES) {
        fprintf(stderr, "bench_requests: there is no case '%s'\n", name);
        return EXIT_FAILURE;
    }
    struct cm_scenario scenario = {0};
    struct cm_plan plan = {.scenario = &scenario, .release = -1, .strength = 1};
    struct cm_flow flow;
    load(&scenario, cases[i].text);
    cm_flow_init(&flow, &plan);
    printf("%llu\n", (unsigned long long)play(&flow, 0, atoi(minutes) * CM_MINUTE));
    cm_flow_release(&flow);
    cm_scenario_release(&scenario);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return play_one(argv[1], argv[2]);
    printf("%-48s %12s %12s\n", "requests flow", "ns/request", "M requests/s");
    for (size_t i = 0; i < CASES; i++) {
        double ns = fastest(cases[i].text);
        printf("%-48s %12.1f %12.1f\n", cases[i].what, ns, 1e3 / ns);
    }
    return EXIT_SUCCESS;
}
