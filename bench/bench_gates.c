/* Nanoseconds per look of every gate, with its default options.
 *
 * A look shows a minute of a quiet release: 6000 requests at stable, 600 at the canary, 0.5 %
 * errors of both, give or take what a stream draws, a value for each, a histogram of ten buckets.
 * Gates that remember see 1000 such looks from their start; the figure is the fastest of REPEATS
 * passes in CPU time of this thread. An option without a default is 1 % or the next whole percent;
 * a gate that refuses these is listed without a figure. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/base/draw.h"
#include "sim/base/mem.h"
#include "sim/gates/gate.h"

#define REPEATS 5
#define LOOKS   1000
#define BUCKETS 11

/* What one look shows; both signals are the same. */
struct minute {
    uint64_t buckets[CM_ARMS][BUCKETS];
    struct cm_stratum stratum;
    struct cm_signal signal[2];
    struct cm_verdict verdict;
    const struct cm_verdict *part[2];
};

static const struct cm_edges edges = {
    .n = BUCKETS - 1, .bound = {0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5}};

static void draw_arm(struct minute *m, size_t arm, uint64_t n, struct cm_rng *rng)
{
    static const double weights[BUCKETS] = {1, 4, 10, 25, 30, 12, 9, 5, 2, 1, 1};
    struct cm_stratum *s = &m->stratum;
    s->n[arm] = n;
    s->x[arm] = cm_draw_binomial(rng, n, 0.005);
    cm_draw_multinomial(rng, n, weights, BUCKETS, m->buckets[arm]);
    s->buckets[arm] = m->buckets[arm];
    s->sum[arm] = 0.08 * (double)n;
    s->sum_sq[arm] = 0.01 * (double)n;
}

static void draw_minute(struct minute *m, int number, struct cm_rng *rng)
{
    *m = (struct minute){.stratum = {.from = number * CM_MINUTE,
                                     .until = (number + 1) * CM_MINUTE,
                                     .planned_share = 1 / 11.0}};
    draw_arm(m, CM_STABLE, 6000, rng);
    draw_arm(m, CM_CANARY, 600, rng);
    draw_arm(m, CM_BASELINE, 600, rng);
    for (int i = 0; i < 2; i++) {
        struct cm_signal *signal = &m->signal[i];
        signal->fresh = &m->stratum;
        signal->n_fresh = 1;
        for (size_t arm = 0; arm < CM_ARMS; arm++) {
            signal->n[arm] = m->stratum.n[arm];
            signal->x[arm] = m->stratum.x[arm];
            signal->value[arm] = (double)signal->x[arm] / (double)signal->n[arm];
            signal->state[arm] = CM_PASS;
        }
        m->part[i] = &m->verdict;
    }
    m->verdict = cm_verdict_of(CM_PASS, 0);
}

static struct cm_look look_at(const struct minute *m, int number)
{
    return (struct cm_look){
        .now = m->stratum.until,
        .since_step = m->stratum.until,
        .number = number,
        .control = CM_STABLE,
        .edges = &edges,
        .signals = m->signal,
        .n_signals = 2,
        .parts = m->part,
        .n_parts = 2,
    };
}

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static volatile int sink; /* so that nothing is optimised away */

static double pass(const struct cm_gate *gate, const void *options, void *state,
                   const struct minute *minutes)
{
    struct cm_look history = look_at(&minutes[0], 0);
    memset(state, 0, gate->state_size ? gate->state_size(options, edges.n) : 0);
    if (gate->start)
        gate->start(options, state, &history);
    double began = cpu_ns();
    for (int i = 0; i < LOOKS; i++) {
        struct cm_look look = look_at(&minutes[i], i);
        sink = (int)gate->look(options, state, &look).label;
    }
    return (cpu_ns() - began) / LOOKS;
}

/* The defaults, a limit where one is asked for, and 1 %, 2 % and so on for what has none; false
 * where that will not do. */
static bool set_options(const struct cm_gate *gate, void *options, struct cm_arena *arena)
{
    struct cm_err err = {0};
    int percent = 0;
    cm_params_default(gate->kind.params, options, arena);
    for (const struct cm_param *row = gate->kind.params; row->name; row++) {
        char value[16];
        snprintf(value, sizeof value, "%d%%", percent + 1);
        if (!row->dflt && cm_param_set(row, options, value, arena, &err) == 0)
            percent++;
    }
    if (!gate->kind.check || gate->kind.check(options, &err) == 0)
        return true;
    const struct cm_param *max = cm_param_find(gate->kind.params, "max");
    return max && cm_param_set(max, options, "1%", arena, &err) == 0 &&
           gate->kind.check(options, &err) == 0;
}

/* As a scenario is loaded: options, then what is derived from them. */
static bool set_up(const struct cm_gate *gate, void *options, struct cm_arena *arena)
{
    struct cm_err err = {0};
    return set_options(gate, options, arena) &&
           (!gate->kind.prepare || gate->kind.prepare(options, NULL, NULL, arena, &err) == 0);
}

static void measure(const struct cm_gate *gate, const struct minute *minutes)
{
    struct cm_arena arena = {0};
    void *options = cm_arena_alloc(&arena, gate->kind.options_size + 1);
    if (!set_up(gate, options, &arena)) {
        printf("%-24s %9s\n", gate->kind.name, "-");
        cm_arena_release(&arena);
        return;
    }
    size_t size = gate->state_size ? gate->state_size(options, edges.n) : 0;
    void *state = cm_arena_alloc(&arena, size + 1);
    double best = INFINITY;
    for (int i = 0; i < REPEATS; i++)
        best = fmin(best, pass(gate, options, state, minutes));
    printf("%-24s %9.0f %9zu\n", gate->kind.name, best, size);
    cm_arena_release(&arena);
}

int main(void)
{
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("bench.gates"), 0);
    struct minute *minutes = cm_alloc(LOOKS * sizeof *minutes);
    for (int i = 0; i < LOOKS; i++)
        draw_minute(&minutes[i], i, &rng);
    printf("%-24s %9s %9s   (-: not without options)\n", "gate", "ns a look", "bytes");
    for (size_t i = 0; cm_gate_kinds[i]; i++)
        measure(cm_gate_kinds[i], minutes);
    cm_free(minutes);
    return EXIT_SUCCESS;
}
