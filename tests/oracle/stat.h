/* How the statistical oracle asks, and how an adapter answers.
 *
 * A case of stat_oracles.json checks one named output of one function. An adapter reads the inputs,
 * calls the product, and offers every output that it knows by name; the one that was asked for is
 * kept and compared:
 *
 *     static void welch_t(struct stat_case *c)
 *     {
 *         struct cm_welch w = cm_welch_test(... input_number(&c->in, "mean_control") ...);
 *         stat_number(c, "t", w.t);
 *         stat_number(c, "df", w.df);
 *     }
 *
 * Whether the inputs were usable has to be asked (stat_usable) only before what would not survive
 * harmless ones. What an adapter does not offer is skipped. */
#ifndef STAT_H
#define STAT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/stats/alternative.h"
#include "sim/stats/share_limit.h"
#include "tests/oracle/inputs.h"

struct stat_case {
    struct inputs in;
    const char *output; /* what is asked for; borrowed */
    /* The answer: nothing (n = 0), a text, or n numbers. */
    const char *text;
    double *numbers; /* from in.memory */
    size_t n;
};

typedef void stat_answer(struct stat_case *c);

/* The functions of one section; the list ends with a NULL name. */
struct stat_fn {
    const char *name;
    stat_answer *answer;
};
#define STAT_SECTION(section) extern const struct stat_fn stat_##section[];
#include "tests/oracle/stat_sections.def"
#undef STAT_SECTION

static inline bool stat_usable(const struct stat_case *c)
{
    return !c->in.wrong;
}
bool stat_wants(const struct stat_case *c, const char *output);
void stat_number(struct stat_case *c, const char *output, double x);
void stat_pair(struct stat_case *c, const char *output, double low, double high);
void stat_list(struct stat_case *c, const char *output, const double *x, size_t n);
void stat_text(struct stat_case *c, const char *output, const char *text);

/* The inputs x_control, n_control, x_canary, n_canary. */
struct cm_two_counts stat_two_counts(struct stat_case *c);
/* The same from a row of a list. */
struct cm_two_counts stat_counts_in(struct stat_case *c, const double *row, size_t columns);
/* The input alternative; greater unless given. */
enum cm_alternative stat_alternative(struct stat_case *c);
/* The input conf_level, strictly between 0 and 1. */
double stat_level(struct stat_case *c);

#endif
