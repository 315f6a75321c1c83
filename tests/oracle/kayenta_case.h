/* One case of Kayenta's known answers: what is asked, what is expected, and the first disagreement.
 *
 * Numbers are compared to the last bit; values that Kayenta's own suite asserts, within the
 * tolerance that it gives. Every member of `expect` has to be compared, or set aside by name. */
#ifndef KAYENTA_CASE_H
#define KAYENTA_CASE_H

#include "sim/stats/kayenta_loop.h"
#include "tests/oracle/inputs.h"

struct kayenta_case {
    struct inputs in, expect;
    const json_t *item, *datasets;
    size_t asked; /* members of expect that were compared or set aside */
    char wrong[200];
};

/* Keeps the first disagreement. */
void kayenta_disagree(struct kayenta_case *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether the case says that Kayenta's own answer is a matter of chance. */
bool kayenta_by_chance(const struct kayenta_case *c, const char *key);

/* Compares a member of expect if it is there, and suite_ + its name, which the suite asserts. */
void kayenta_number(struct kayenta_case *c, const char *key, double got);
void kayenta_text(struct kayenta_case *c, const char *key, const char *got);
void kayenta_flag(struct kayenta_case *c, const char *key, bool got);
void kayenta_numbers(struct kayenta_case *c, const char *key, const struct cm_kayenta_series *got);
void kayenta_flags(struct kayenta_case *c, const char *key, const bool *got, size_t n);
/* Sets a member aside. */
void kayenta_aside(struct kayenta_case *c, const char *key);

/* Numbers, or the name of a data set, or NULL for none. */
struct cm_kayenta_series kayenta_series(struct kayenta_case *c, const json_t *value);
struct cm_kayenta_series kayenta_input(struct kayenta_case *c, const char *key);

/* The case's marginal and pass; NAN where there is none. */
struct cm_kayenta_thresholds kayenta_thresholds(struct kayenta_case *c);
/* A member that is text; else "". */
const char *kayenta_text_of(const json_t *object, const char *key);

/* --- kayenta_judge.c, kayenta_loop.c --- */

void kayenta_score(struct kayenta_case *c);
void kayenta_judge(struct kayenta_case *c);
void kayenta_schedule(struct kayenta_case *c);
void kayenta_final_judgement(struct kayenta_case *c);
void kayenta_judge_loop(struct kayenta_case *c);

#endif
