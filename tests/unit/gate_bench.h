/* What tests of gates share: options by their keys, looks by their counts. */
#ifndef GATE_BENCH_H
#define GATE_BENCH_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "sim/gates/gate.h"

/* A gate with its options and state. */
struct bench {
    const struct cm_gate *gate;
    struct cm_arena arena;
    void *options, *state;
    int number; /* of looks */
};

static inline const struct cm_gate *bench_kind(const char *name)
{
    const struct cm_kind *kind = cm_kind_find(cm_gate_section.kinds, name);
    cr_assert(kind != NULL, "no gate %s", name);
    return (const struct cm_gate *)kind;
}

static inline void bench_restart(struct bench *b)
{
    memset(b->state, 0, b->gate->state_size(b->options, 0));
    b->number = 0;
}

/* Keys and values in turn, NULL-ended; 0, or -1 with the first reason (of values or of check). */
static inline int bench_init(struct bench *b, struct cm_err *err, const char *name, va_list keys)
{
    *b = (struct bench){.gate = bench_kind(name)};
    b->options = cm_arena_alloc(&b->arena, b->gate->kind.options_size);
    cm_params_default(b->gate->kind.params, b->options, &b->arena);
    const char *key;
    while ((key = va_arg(keys, const char *))) {
        const struct cm_param *row = cm_param_find(b->gate->kind.params, key);
        cr_assert(row != NULL, "%s has no %s", name, key);
        if (cm_param_set(row, b->options, va_arg(keys, const char *), &b->arena, err))
            return -1;
    }
    size_t state = b->gate->state_size ? b->gate->state_size(b->options, 0) : 0;
    b->state = cm_arena_alloc(&b->arena, state + 1);
    if (b->gate->kind.check && b->gate->kind.check(b->options, err))
        return -1;
    return b->gate->kind.prepare ? b->gate->kind.prepare(b->options, NULL, NULL, &b->arena, err)
                                 : 0;
}

static inline struct bench bench_of(const char *name, ...)
{
    struct bench b;
    struct cm_err err = {0};
    va_list keys;
    va_start(keys, name);
    int bad = bench_init(&b, &err, name, keys);
    va_end(keys);
    cr_assert(!bad, "%s", err.text);
    return b;
}

/* Why these options are refused ("" = they are not), alone or with this metric. */
static inline struct cm_err bench_refusal(const struct cm_metric *metric, const char *name, ...)
{
    struct bench b;
    struct cm_err err = {0};
    const struct cm_gate_metrics metrics = {&metric, 1};
    va_list keys;
    va_start(keys, name);
    int bad = bench_init(&b, &err, name, keys);
    va_end(keys);
    if (!bad && metric)
        b.gate->check_metrics(b.options, &metrics, &err);
    cm_arena_release(&b.arena);
    return err;
}

static inline void bench_release(struct bench *b)
{
    cm_arena_release(&b->arena);
}

/* A look at these counts: the window of an error ratio and one fresh stratum hold the same. */
static inline struct cm_verdict bench_look(struct bench *b, uint64_t x0, uint64_t n0, uint64_t x1,
                                           uint64_t n1)
{
    double all = (double)(n0 + n1);
    struct cm_stratum stratum = {.from = b->number * CM_MINUTE,
                                 .until = (b->number + 1) * CM_MINUTE,
                                 .planned_share = all > 0 ? (double)n1 / all : 0,
                                 .x = {[CM_STABLE] = x0, [CM_CANARY] = x1},
                                 .n = {[CM_STABLE] = n0, [CM_CANARY] = n1}};
    struct cm_signal signal = {.fresh = &stratum, .n_fresh = 1};
    for (int arm = 0; arm < CM_ARMS; arm++) {
        signal.x[arm] = stratum.x[arm];
        signal.n[arm] = stratum.n[arm];
        signal.value[arm] =
            signal.n[arm] ? (double)signal.x[arm] / (double)signal.n[arm] : (double)NAN;
        signal.state[arm] = signal.n[arm] ? CM_PASS : CM_NO_DATA;
    }
    struct cm_look look = {.now = stratum.until,
                           .since_step = stratum.until,
                           .number = b->number++,
                           .control = CM_STABLE,
                           .signals = &signal,
                           .n_signals = 1};
    return b->gate->look(b->options, b->state, &look);
}

#endif
