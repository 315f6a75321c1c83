/* Chi-square statistics; see the header. Margins are added up anew where they are needed: tables
 * are small, and nothing has to be allocated. */
#include "sim/stats/tables.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

static double row_total(const struct cm_table_counts *t, size_t row)
{
    double sum = 0;
    for (size_t c = 0; c < t->columns; c++)
        sum += t->cells[row * t->columns + c];
    return sum;
}

static double column_total(const struct cm_table_counts *t, size_t column)
{
    double sum = 0;
    for (size_t r = 0; r < t->rows; r++)
        sum += t->cells[r * t->columns + column];
    return sum;
}

/* The total; NAN if some cell is no count. */
static double grand_total(const struct cm_table_counts *t)
{
    double sum = 0;
    for (size_t i = 0; i < t->rows * t->columns; i++)
        sum += t->cells[i] >= 0 && isfinite(t->cells[i]) ? t->cells[i] : NAN;
    return sum;
}

static double degrees(const struct cm_table_counts *t)
{
    double rows = 0, columns = 0;
    for (size_t r = 0; r < t->rows; r++)
        rows += row_total(t, r) > 0;
    for (size_t c = 0; c < t->columns; c++)
        columns += column_total(t, c) > 0;
    return rows > 1 && columns > 1 ? (rows - 1) * (columns - 1) : 0;
}

static struct cm_chi2 judged(double stat, double df)
{
    if (isnan(stat))
        return (struct cm_chi2){NAN, NAN, NAN};
    if (df == 0)
        return (struct cm_chi2){0, 0, 1};
    return (struct cm_chi2){stat, df, isinf(stat) ? 0 : gsl_cdf_chisq_Q(stat, df)};
}

/* What the margins let expect in a cell. */
static double expected(const struct cm_table_counts *t, size_t row, size_t column, double total)
{
    return row_total(t, row) / total * column_total(t, column);
}

/* How much every difference shrinks: at most 1/2, at most the smallest of them. */
static double continuity(const struct cm_table_counts *t, double total)
{
    double shrink = 0.5;
    for (size_t r = 0; r < t->rows; r++)
        for (size_t c = 0; c < t->columns; c++)
            shrink = fmin(shrink, fabs(t->cells[r * t->columns + c] - expected(t, r, c, total)));
    return shrink;
}

struct cm_chi2 cm_tables_pearson(const struct cm_table_counts *t, bool yates)
{
    double total = grand_total(t), stat = isnan(total) ? NAN : 0;
    double shrink = yates && t->rows == 2 && t->columns == 2 ? continuity(t, total) : 0;
    for (size_t r = 0; r < t->rows; r++)
        for (size_t c = 0; c < t->columns; c++) {
            double want = expected(t, r, c, total);
            double off = fabs(t->cells[r * t->columns + c] - want) - shrink;
            if (want > 0)
                stat += off * off / want;
        }
    return judged(stat, degrees(t));
}

struct cm_chi2 cm_tables_likelihood_ratio(const struct cm_table_counts *t)
{
    double total = grand_total(t), stat = isnan(total) ? NAN : 0;
    for (size_t r = 0; r < t->rows; r++)
        for (size_t c = 0; c < t->columns; c++) {
            double count = t->cells[r * t->columns + c];
            if (count > 0)
                stat += 2 * count * log(count / expected(t, r, c, total));
        }
    return judged(stat < 0 ? 0 : stat, degrees(t)); /* rounding may end below 0 */
}

struct cm_chi2 cm_tables_split(const double *observed, const double *share, size_t n)
{
    double total = 0, shares = 0, stat = 0, classes = 0;
    for (size_t i = 0; i < n; i++) {
        total += observed[i] >= 0 && isfinite(observed[i]) ? observed[i] : NAN;
        shares += share[i] >= 0 && isfinite(share[i]) ? share[i] : NAN;
    }
    for (size_t i = 0; i < n; i++) {
        double want = share[i] / shares * total, off = observed[i] - want;
        classes += share[i] > 0 || observed[i] > 0;
        if (off != 0)
            stat += off * off / want;
    }
    if (isnan(total) || !(shares > 0))
        stat = NAN;
    return judged(total == 0 ? 0 : stat, classes > 1 ? classes - 1 : 0);
}
