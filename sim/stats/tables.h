/* Contingency tables against independence, and splits against the configured one.
 *
 * Pearson (1900): sum (O - E)^2 / E; likelihood ratio (Wilks 1935): 2 sum O ln(O / E); both with a
 * chi-square law of (rows - 1)(columns - 1) degrees, good where expected counts are 5 or more.
 * Cells are counts, >= 0 and finite; a row or column in which nothing was counted carries no degree
 * of freedom. NAN for other cells. */
#ifndef CM_TABLES_H
#define CM_TABLES_H

#include <stdbool.h>
#include <stddef.h>

struct cm_table_counts {
    const double *cells; /* cells[row * columns + column] */
    size_t rows, columns;
};
struct cm_chi2 {
    double stat, df, p; /* 0, 0, 1 where no comparison is left */
};

/* With `yates` (1934), 1/2, but no more than any |O - E|, is taken off every difference of a 2 x 2
 * table. */
struct cm_chi2 cm_tables_pearson(const struct cm_table_counts *t, bool yates);
struct cm_chi2 cm_tables_likelihood_ratio(const struct cm_table_counts *t);

/* n classes counted against configured shares, which are scaled to add to 1: sample ratio mismatch.
 * An alarm (p < 0.001) means that routing does not do what it says, and every comparison is off.
 * A class without a share in which something was counted has an infinite statistic. */
struct cm_chi2 cm_tables_split(const double *observed, const double *share, size_t n);

#endif
