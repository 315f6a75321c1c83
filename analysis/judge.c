/* The list of judges, and what they share. */
#include "analysis/judge.h"

#include <math.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/stats/values.h"

#define CM_JUDGE(name) extern const struct cm_judge cm_judge_##name;
#include "analysis/judges.def"
#undef CM_JUDGE

const struct cm_judge *const cm_judges[] = {
#define CM_JUDGE(name) &cm_judge_##name,
#include "analysis/judges.def"
#undef CM_JUDGE
    NULL,
};

const struct cm_kind *const cm_judge_kinds[] = {
#define CM_JUDGE(name) &cm_judge_##name.kind,
#include "analysis/judges.def"
#undef CM_JUDGE
    NULL,
};

const struct cm_judge *cm_judge_find(const char *name)
{
    for (size_t i = 0; cm_judges[i]; i++)
        if (strcmp(cm_judges[i]->kind.name, name) == 0)
            return cm_judges[i];
    return NULL;
}

struct cm_judge_values cm_judge_sorted(const double *x, size_t n)
{
    struct cm_judge_values v = {.x = cm_alloc((n + 1) * sizeof *v.x)};
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            v.x[v.n++] = x[i];
    cm_values_sort(v.x, v.n);
    return v;
}

bool cm_judge_say_p(struct cm_solution *to, double p, double alpha, const char *needs)
{
    bool fails = p <= alpha;
    if (isnan(p))
        cm_print(cm_solution_say(to), "No data: the test needs %s.", needs);
    else
        cm_print(cm_solution_say(to), "%s: p is %.3g, %s alpha of %.3g.", fails ? "Fail" : "Pass",
                 p, fails ? "at or below" : "above", alpha);
    return fails;
}

void cm_judge_columns(struct cm_solution *to)
{
    cm_solution_column(to, "what", CM_COLUMN_TEXT);
    cm_solution_column(to, "value", CM_COLUMN_STATISTIC);
}

void cm_judge_row(struct cm_solution *to, const char *what, double value)
{
    cm_table_text(&to->table, what);
    cm_table_number(&to->table, value);
}
