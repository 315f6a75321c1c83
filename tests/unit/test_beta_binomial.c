/* The beta-binomial tail against its terms. */
#include "sim/stats/beta_binomial.h"
#include "tests/unit/close.h"

#include <gsl/gsl_sf_gamma.h>

static double by_terms(const struct cm_beta *beta, unsigned m, unsigned k)
{
    double sum = 0;
    for (unsigned j = k; j <= m; j++)
        sum += exp(gsl_sf_lnchoose(m, j) + gsl_sf_lnbeta(beta->a + j, beta->b + m - j) -
                   gsl_sf_lnbeta(beta->a, beta->b));
    return sum;
}

Test(beta_binomial, the_tail_is_the_sum_of_its_terms)
{
    static const struct cm_beta betas[] = {{3, 299}, {0.5, 0.5}, {1, 1}, {80.25, 7920.75}};
    for (int i = 0; i < 4; i++)
        for (unsigned m = 1; m <= 200; m += 33)
            for (unsigned k = 0; k <= m; k += 1 + m / 9)
                expect_close(cm_beta_binomial_at_least(&betas[i], m, k), by_terms(&betas[i], m, k),
                             1e-9);
}

/* Given a uniform ratio all counts are equally probable (Bayes 1763). */
Test(beta_binomial, a_uniform_ratio_makes_all_counts_equal)
{
    const struct cm_beta uniform = {1, 1};
    for (uint64_t k = 0; k <= 1000; k += 50)
        expect_close(cm_beta_binomial_at_least(&uniform, 1000, k), 1 - (double)k / 1001, 1e-11);
}

Test(beta_binomial, ends_and_the_impossible)
{
    const struct cm_beta beta = {2, 3}, bad = {0, 1};
    cr_expect(cm_beta_binomial_at_least(&beta, 10, 0) == 1);
    cr_expect(cm_beta_binomial_at_least(&beta, 10, 11) == 0);
    cr_expect(cm_beta_binomial_at_least(&beta, 0, 0) == 1);
    expect_nan(cm_beta_binomial_at_least(&bad, 10, 3));
    expect_nan(cm_beta_binomial_at_least(&bad, 10, 0));
}

/* A hundred million requests: the ratio itself, Beta(2, 98), decides, but for
 * about one request. */
Test(beta_binomial, huge_batches_show_the_ratio)
{
    const struct cm_beta beta = {2, 98};
    double q = 0.96, above = pow(q, 99) + 99 * (1 - q) * pow(q, 98);
    expect_close(cm_beta_binomial_at_least(&beta, 100000000, 4000000), above, 3e-6);
}
