/* Solvers: a question about a policy with a closed answer, asked without a scenario.
 *
 * One const object a file, one line in solvers.def. What may be given is a parameter table, as for
 * everything else that has options; an answer is a sentence and the numbers around it, so that a
 * reader sees what a little more or less of it would do. Nothing is simulated here: where no closed
 * form exists, `coalmine run` and `coalmine calibrate` answer. */
#ifndef CM_SOLVER_H
#define CM_SOLVER_H

#include "sim/base/kind.h"
#include "sim/base/table.h"
#include "sim/base/write.h"

struct cm_solution {
    struct cm_buffer answer; /* one sentence or two, with a full stop; owned */
    struct cm_table table;   /* owned */
    const char *method;      /* how it was worked out, and what that assumes */
};

struct cm_solver {
    struct cm_kind kind;
    /* The options have passed kind.check; `to` is empty. */
    void (*solve)(const void *options, struct cm_solution *to);
};

extern const struct cm_solver *const cm_solvers[];    /* NULL-ended */
extern const struct cm_kind *const cm_solver_kinds[]; /* theirs */

/* The answer as text or Markdown; of CSV and JSON only the table. */
enum cm_solution_format { CM_SOLUTION_TEXT, CM_SOLUTION_CSV, CM_SOLUTION_JSON, CM_SOLUTION_MD };
void cm_solution_write(const struct cm_solution *s, enum cm_solution_format format,
                       struct cm_writer to);
void cm_solution_release(struct cm_solution *s); /* idempotent, safe on {0} */

/* For solvers: where the answer goes, and a column. */
struct cm_writer cm_solution_say(struct cm_solution *s);
void cm_solution_column(struct cm_solution *s, const char *name, enum cm_column_type type);
/* Refuses a window of more requests than binomial tails are worked out for. */
int cm_solver_check_window(double requests, double most, struct cm_err *err);

#endif
