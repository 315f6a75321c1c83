/* What is on its way, each with the instant at which it comes: answers to requests, labels.
 *
 * Nobody asks which comes next, only which have come by an instant that lies further on each time,
 * and those in any order. So they are not sorted but kept in lists, by how far on they are: list k
 * has those whose instant differs from `passed`, up to which all were taken, first in bit k,
 * counted in grains of a millisecond; list 0 those in the same grain. When time passes to an
 * instant that itself belongs to list k, the nearer lists are taken whole, list k is gone through,
 * and the others stay as they are. What is gone through and not taken moves to a nearer list: most
 * move once or twice, at worst as often as their way is long in bits (radix heap: Ahuja, Mehlhorn,
 * Orlin & Tarjan, JACM 37(2), 1990). */
#ifndef CM_PENDING_H
#define CM_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/base/time.h"

#define CM_PENDING_GRAIN_BITS 20
#define CM_PENDING_LISTS      (1 + 64 - CM_PENDING_GRAIN_BITS)

struct cm_on_way {
    cm_time at;    /* it comes */
    uint64_t what; /* the mark of an answer, the bits of a label's value */
};

struct cm_on_way_list {
    struct cm_on_way *entry; /* owned */
    size_t n, room;
};

struct cm_pending {
    struct cm_on_way_list list[CM_PENDING_LISTS];
    struct cm_on_way_list taken; /* the last time; no longer on their way */
    cm_time passed;
    size_t n; /* of all lists */
};

void cm_pending_release(struct cm_pending *p); /* idempotent; {0} before the first clear */
/* Nothing is on its way, since ever. */
void cm_pending_clear(struct cm_pending *p);
/* Takes out what comes up to `until`, which is not before the last one, in no order: into p->taken.
 */
void cm_pending_take(struct cm_pending *p, cm_time until);
/* When the last of them comes; `now` if there is none. */
cm_time cm_pending_last(const struct cm_pending *p, cm_time now);
/* Whether each is in its list. */
bool cm_pending_verify(const struct cm_pending *p);

void cm_on_way_reserve(struct cm_on_way_list *list, size_t n);

/* The bits of a number below 2^52 are what its exponent as a double says; the half gives 0 one. */
static inline size_t cm_pending_list(const struct cm_pending *p, cm_time at)
{
    uint64_t differing = (uint64_t)(at ^ p->passed) >> CM_PENDING_GRAIN_BITS, bits;
    double grains = (double)(int64_t)differing + 0.5;
    memcpy(&bits, &grains, sizeof bits);
    return (bits >> 52) - 1022;
}

static inline void cm_on_way_add(struct cm_on_way_list *list, struct cm_on_way entry)
{
    if (list->n == list->room)
        cm_on_way_reserve(list, list->n + 1);
    list->entry[list->n++] = entry;
}

/* One more is on its way, and comes after all that was taken. */
static inline void cm_pending_push(struct cm_pending *p, cm_time at, uint64_t what)
{
    cm_on_way_add(&p->list[cm_pending_list(p, at)], (struct cm_on_way){at, what});
    p->n++;
}

#endif
