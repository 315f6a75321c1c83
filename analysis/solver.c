/* The list of solvers, and how an answer is written. */
#include "analysis/solver.h"

#include "analysis/write.h"

#define CM_SOLVER(name) extern const struct cm_solver cm_solver_##name;
#include "analysis/solvers.def"
#undef CM_SOLVER

const struct cm_solver *const cm_solvers[] = {
#define CM_SOLVER(name) &cm_solver_##name,
#include "analysis/solvers.def"
#undef CM_SOLVER
    NULL,
};

const struct cm_kind *const cm_solver_kinds[] = {
#define CM_SOLVER(name) &cm_solver_##name.kind,
#include "analysis/solvers.def"
#undef CM_SOLVER
    NULL,
};

struct cm_writer cm_solution_say(struct cm_solution *s)
{
    return cm_buffer_writer(&s->answer);
}

void cm_solution_column(struct cm_solution *s, const char *name, enum cm_column_type type)
{
    cm_table_column(&s->table, (struct cm_column){.name = name, .type = type});
}

int cm_solver_check_window(double requests, double most, struct cm_err *err)
{
    if (requests <= most)
        return 0;
    return cm_fail(err,
                   "the version gets %.3g requests in a window, which is too many to work out: at "
                   "most %.3g (a shorter window, or a smaller weight)",
                   requests, most);
}

/* The answer first: who asked wants it, the rest is for who doubts it. */
static void write_prose(const struct cm_solution *s, const struct cm_prose *prose,
                        struct cm_writer to)
{
    prose->paragraph(to, s->answer.text);
    prose->table(to, &s->table);
    prose->paragraph(to, s->method);
}

void cm_solution_write(const struct cm_solution *s, enum cm_solution_format format,
                       struct cm_writer to)
{
    switch (format) {
    case CM_SOLUTION_CSV:
        cm_write_csv(&s->table, to);
        break;
    case CM_SOLUTION_JSON:
        cm_write_json_rows(&s->table, to);
        cm_print(to, "\n");
        break;
    case CM_SOLUTION_MD:
        write_prose(s, &cm_write_markdown, to);
        break;
    case CM_SOLUTION_TEXT:
        write_prose(s, &cm_write_text, to);
        break;
    }
}

void cm_solution_release(struct cm_solution *s)
{
    cm_buffer_release(&s->answer);
    cm_table_release(&s->table);
    *s = (struct cm_solution){0};
}
