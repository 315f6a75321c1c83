/* Composites in tests: looks at verdicts that the test makes up. */
#ifndef PARTS_BENCH_H
#define PARTS_BENCH_H

#include "tests/unit/gate_bench.h"

static inline struct cm_verdict part_of(enum cm_label label, bool decisive)
{
    struct cm_verdict v = cm_verdict_of(label, 0);
    v.decisive = decisive;
    return v;
}

/* Labels by their letters: p u n e f, capital = decisive. */
static inline struct cm_verdict part_by_letter(char letter)
{
    static const struct {
        char letter;
        enum cm_label label;
    } labels[] = {{'p', CM_PASS},
                  {'u', CM_UNDECIDED},
                  {'n', CM_NO_DATA},
                  {'e', CM_GATE_ERROR},
                  {'f', CM_FAIL}};
    bool decisive = letter >= 'A' && letter <= 'Z';
    char low = decisive ? (char)(letter - 'A' + 'a') : letter;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (labels[i].letter == low)
            return part_of(labels[i].label, decisive);
    return part_of(CM_PASS, false);
}

static inline struct cm_verdict parts_look(struct bench *b, const struct cm_verdict *parts,
                                           size_t n)
{
    const struct cm_verdict *part[8];
    for (size_t i = 0; i < n; i++)
        part[i] = &parts[i];
    struct cm_look look = {.number = b->number++, .parts = part, .n_parts = n};
    return b->gate->look(b->options, b->state, &look);
}

static inline struct cm_verdict letters_look(struct bench *b, const char *letters)
{
    struct cm_verdict parts[8];
    size_t n = strlen(letters);
    for (size_t i = 0; i < n; i++)
        parts[i] = part_by_letter(letters[i]);
    return parts_look(b, parts, n);
}

#endif
