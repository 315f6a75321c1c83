/* Labels, and sums of them, without drawing each one.
 *
 *     discrete   the numbers of each score are multinomial
 *     gamma      sum of n: gamma(n k); a part of it: beta(k n_left, k n_right) of the sum (Lukacs,
 *                Ann. Math. Stat. 26, 1955: proportions are independent of the sum)
 *     normal     sum of n: normal; squared distances from their mean: sd^2 chi-square(n - 1),
 *                independent of the sum (Cochran 1934). Parted into n_left and n_right, the spread
 *                is left + right + between, three independent chi-squares of n_left - 1,
 *                n_right - 1 and 1 degrees of freedom: shares of it are Dirichlet with the halves
 *
 * Which labels fall into a part does not depend on what they say. */
#include <assert.h>
#include <math.h>

#include "sim/base/draw.h"
#include "sim/service/kpi.h"

struct cm_kpi_law cm_kpi_judged(const struct cm_kpi_law *law, double noise)
{
    struct cm_kpi_law judged = *law;
    assert(law->form == CM_KPI_DISCRETE && law->n > 1);
    double other = noise / (double)(law->n - 1);
    for (size_t i = 0; i < law->n; i++)
        judged.chance[i] = law->chance[i] * (1 - noise) + (1 - law->chance[i]) * other;
    return judged;
}

double cm_kpi_law_mean(const struct cm_kpi_law *law)
{
    double mean = 0;
    if (law->form == CM_KPI_GAMMA)
        return law->shape * law->scale;
    if (law->form == CM_KPI_NORMAL)
        return law->mean;
    for (size_t i = 0; i < law->n; i++)
        mean += law->chance[i] * (law->first + (double)i);
    return mean;
}

double cm_kpi_law_variance(const struct cm_kpi_law *law)
{
    double mean = cm_kpi_law_mean(law), variance = 0;
    if (law->form == CM_KPI_GAMMA)
        return law->shape * law->scale * law->scale;
    if (law->form == CM_KPI_NORMAL)
        return law->sd * law->sd;
    for (size_t i = 0; i < law->n; i++) {
        double distance = law->first + (double)i - mean;
        variance += law->chance[i] * distance * distance;
    }
    return variance;
}

double cm_kpi_law_draw(const struct cm_kpi_law *law, struct cm_rng *rng)
{
    if (law->form == CM_KPI_GAMMA)
        return law->scale * cm_draw_gamma(rng, law->shape);
    if (law->form == CM_KPI_NORMAL)
        return law->mean + law->sd * cm_draw_normal(rng);
    double left = cm_rng_unit(rng);
    size_t i = 0;
    while (i + 1 < law->n && left >= law->chance[i])
        left -= law->chance[i++];
    return law->first + (double)i;
}

/* Chi-square, with any number of degrees of freedom; 0 with none. */
static double chi_square(struct cm_rng *rng, double degrees)
{
    return degrees > 0 ? 2 * cm_draw_gamma(rng, degrees / 2) : 0;
}

struct cm_kpi_sums cm_kpi_sums_draw(const struct cm_kpi_law *law, uint64_t n, struct cm_rng *rng)
{
    struct cm_kpi_sums sums = {.n = n, .spread = law->form == CM_KPI_GAMMA ? NAN : 0};
    double count = (double)n;
    if (n == 0)
        return sums;
    if (law->form == CM_KPI_DISCRETE) {
        cm_draw_multinomial(rng, n, law->chance, law->n, sums.score);
    } else if (law->form == CM_KPI_GAMMA) {
        sums.sum = law->scale * cm_draw_gamma(rng, law->shape * count);
    } else {
        sums.sum = count * law->mean + law->sd * sqrt(count) * cm_draw_normal(rng);
        sums.spread = law->sd * law->sd * chi_square(rng, count - 1);
    }
    return sums;
}

/* The means of both parts differ by `apart` = sqrt(between n / (left right)), either way. */
static void split_normal(struct cm_kpi_sums *whole, struct cm_kpi_sums *left, struct cm_rng *rng)
{
    double n = (double)whole->n, a = (double)left->n, b = n - a;
    double mean = whole->sum / n;
    double of_left = chi_square(rng, a - 1), of_right = chi_square(rng, b - 1);
    double z = cm_draw_normal(rng), all = of_left + of_right + z * z;
    double scale = all > 0 ? whole->spread / all : 0;
    left->sum = a * mean + z * sqrt(scale * a * b / n);
    left->spread = scale * of_left;
    whole->spread = scale * of_right;
}

static void split_values(const struct cm_kpi_law *law, struct cm_kpi_sums *whole,
                         struct cm_kpi_sums *left, struct cm_rng *rng)
{
    double a = (double)left->n, b = (double)(whole->n - left->n);
    if (law->form == CM_KPI_NORMAL)
        split_normal(whole, left, rng);
    else
        left->sum = whole->sum * cm_draw_beta(rng, law->shape * a, law->shape * b);
    whole->sum -= left->sum;
}

struct cm_kpi_sums cm_kpi_sums_split(const struct cm_kpi_law *law, struct cm_kpi_sums *whole,
                                     double chance, struct cm_rng *rng)
{
    struct cm_kpi_sums left = {.spread = whole->spread};
    for (size_t i = 0; law->form == CM_KPI_DISCRETE && i < law->n; i++) {
        left.score[i] = cm_draw_binomial(rng, whole->score[i], chance);
        left.n += left.score[i];
        whole->score[i] -= left.score[i];
    }
    if (law->form != CM_KPI_DISCRETE)
        left.n = cm_draw_binomial(rng, whole->n, chance);
    if (law->form != CM_KPI_DISCRETE && left.n > 0 && left.n < whole->n)
        split_values(law, whole, &left, rng);
    if (left.n == whole->n) {
        left.sum = whole->sum;
        whole->sum = 0;
    }
    whole->n -= left.n;
    return left;
}

struct cm_kpi_moments cm_kpi_moments_of(const struct cm_kpi_law *law,
                                        const struct cm_kpi_sums *sums)
{
    struct cm_kpi_moments m = {.n = sums->n};
    if (sums->n == 0)
        return m;
    for (size_t i = 0; law->form == CM_KPI_DISCRETE && i < law->n; i++) {
        double score = law->first + (double)i, count = (double)sums->score[i];
        m.sum += score * count;
        m.sum_sq += score * score * count;
    }
    if (law->form != CM_KPI_DISCRETE) {
        m.sum = sums->sum;
        m.sum_sq = sums->spread + sums->sum * sums->sum / (double)sums->n;
    }
    return m;
}
