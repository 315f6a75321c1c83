/* Verdicts of parts, in the order in which the composite names them. */
#include "sim/gates/parts.h"

struct cm_needs cm_parts_needs(const void *options)
{
    (void)options;
    return (struct cm_needs){0};
}

/* `sense` 1: the larger label is further, -1: the smaller. */
static size_t furthest(const struct cm_look *look, int sense)
{
    size_t found = 0;
    for (size_t i = 1; i < look->n_parts; i++) {
        const struct cm_verdict *v = look->parts[i], *best = look->parts[found];
        int beyond = sense * ((int)v->label - (int)best->label);
        if (beyond > 0 || (beyond == 0 && v->decisive && !best->decisive))
            found = i;
    }
    return found;
}

size_t cm_parts_worst(const struct cm_look *look)
{
    return furthest(look, 1);
}

size_t cm_parts_best(const struct cm_look *look)
{
    return furthest(look, -1);
}

size_t cm_parts_count(const struct cm_look *look, enum cm_label label)
{
    size_t n = 0;
    for (size_t i = 0; i < look->n_parts; i++)
        n += look->parts[i]->label == label;
    return n;
}

size_t cm_parts_decisive(const struct cm_look *look, enum cm_label label)
{
    size_t n = 0;
    for (size_t i = 0; i < look->n_parts; i++)
        n += look->parts[i]->label == label && look->parts[i]->decisive;
    return n;
}
