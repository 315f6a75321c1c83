/* Lists of options, one for each metric that a gate names, or one for all of them:
 *
 *     direction = increase          direction = increase, either, decrease
 *
 * and the groups that metrics are in, with the weights of the groups. */
#ifndef CM_TYPE_LISTS_H
#define CM_TYPE_LISTS_H

#include <math.h>

#include "sim/base/param.h"

#define CM_LIST_MAX 16

/* Of the row's domain, as indices. */
struct cm_choices {
    size_t n; /* 1 = the same for all */
    int value[CM_LIST_MAX];
};
extern const struct cm_type cm_type_choices;
#define CM_CHOICES(T, f, dflt, names, help)                                                        \
    CM_ROW(T, f, struct cm_choices, cm_type_choices, dflt, 0, 0, names, help)

/* Within the row's range, or `default` where the row's default is. */
struct cm_numbers {
    size_t n;
    double value[CM_LIST_MAX]; /* NAN = default */
};
extern const struct cm_type cm_type_numbers;
#define CM_NUMBERS(T, f, dflt, min, max, help)                                                     \
    CM_ROW(T, f, struct cm_numbers, cm_type_numbers, dflt, min, max, NULL, help)

/* Of each metric: "latency", "latency + tail" (both), "none". Labels are any words. */
struct cm_groups {
    size_t n;                      /* entries */
    uint32_t member[CM_LIST_MAX];  /* of each: its groups as bits */
    size_t n_names;                /* at most CM_LIST_MAX */
    const char *name[CM_LIST_MAX]; /* the arena's; in the order in which they appear */
};
extern const struct cm_type cm_type_groups;
#define CM_GROUPS_ROW(T, f, dflt, help)                                                            \
    CM_ROW(T, f, struct cm_groups, cm_type_groups, dflt, 0, 0, NULL, help)

/* "latency 40, errors 60": a label and its weight. */
struct cm_group_weights {
    size_t n;                      /* 0 = none */
    const char *name[CM_LIST_MAX]; /* the arena's */
    double weight[CM_LIST_MAX];
};
extern const struct cm_type cm_type_group_weights;
#define CM_GROUP_WEIGHTS(T, f, dflt, min, max, help)                                               \
    CM_ROW(T, f, struct cm_group_weights, cm_type_group_weights, dflt, min, max, NULL, help)

/* Whether there is an entry for each of `metrics`, or one for all. */
int cm_lists_check(const char *key, size_t n, size_t metrics, struct cm_err *err);

static inline int cm_choices_at(const struct cm_choices *list, size_t i)
{
    return list->value[list->n == 1 ? 0 : i];
}

/* `otherwise` for a default. */
static inline double cm_numbers_at(const struct cm_numbers *list, size_t i, double otherwise)
{
    double x = list->value[list->n == 1 ? 0 : i];
    return isnan(x) ? otherwise : x;
}

static inline uint32_t cm_groups_at(const struct cm_groups *list, size_t i)
{
    return list->member[list->n == 1 ? 0 : i];
}

#endif
