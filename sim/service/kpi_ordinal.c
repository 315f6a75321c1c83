/* Scores from 1 to 5, as judges of answers give them.
 *
 * A defect moves the mean m of what is judged. Of all laws over the scores with the new mean it
 * takes the one nearest to the healthy law p in relative entropy (Csiszar, Ann. Prob. 3, 1975), the
 * exponential tilt
 *
 *     p'_i proportional to p_i exp(theta i),    theta such that the mean is as asked for.
 *
 * The judge's noise (kpi.h) comes on top. */
#include <math.h>

#include "sim/service/bisect.h"
#include "sim/service/kpi.h"

struct options {
    double score_1, score_2, score_3, score_4, score_5, judge_noise;
};

static const struct cm_param params[] = {
    CM_PROB(struct options, score_1, NULL, 0, 1, "Share of the answers that deserve a 1."),
    CM_PROB(struct options, score_2, NULL, 0, 1, "Share that deserve a 2."),
    CM_PROB(struct options, score_3, NULL, 0, 1, "Share that deserve a 3."),
    CM_PROB(struct options, score_4, NULL, 0, 1, "Share that deserve a 4."),
    CM_PROB(struct options, score_5, NULL, 0, 1, "Share that deserve a 5."),
    CM_PROB(struct options, judge_noise, "0%", 0, 1,
            "Chance that the judge gives one of the four other scores, each alike."),
    CM_PARAMS_END,
};

static struct cm_kpi_law healthy(const struct options *o)
{
    return (struct cm_kpi_law){
        .form = CM_KPI_DISCRETE,
        .n = CM_KPI_SCORES,
        .first = 1,
        .chance = {o->score_1, o->score_2, o->score_3, o->score_4, o->score_5}};
}

static int check(const void *options, struct cm_err *err)
{
    struct cm_kpi_law law = healthy(options);
    double sum = 0, largest = 0;
    for (size_t i = 0; i < law.n; i++) {
        sum += law.chance[i];
        largest = fmax(largest, law.chance[i]);
    }
    if (fabs(sum - 1) > 1e-9)
        return cm_fail(err, "score_1 to score_5 add to %.6g%%, not to 100%%", 100 * sum);
    if (largest >= 1)
        return cm_fail(err, "all answers deserve the same score: give at least two of score_1 to "
                            "score_5 a share");
    return 0;
}

static double mean(const void *options)
{
    struct cm_kpi_law law = healthy(options);
    return cm_kpi_law_mean(&law);
}

/* Scores are counted from the middle, so that no exponential overflows. */
static struct cm_kpi_law tilted(const struct cm_kpi_law *law, double theta)
{
    struct cm_kpi_law to = *law;
    double sum = 0;
    for (size_t i = 0; i < law->n; i++) {
        to.chance[i] = law->chance[i] * exp(theta * ((double)i - (CM_KPI_SCORES - 1) / 2.0));
        sum += to.chance[i];
    }
    for (size_t i = 0; i < law->n; i++)
        to.chance[i] /= sum;
    return to;
}

struct tilt {
    const struct cm_kpi_law *law;
    double mean;
};

static bool reaches(const void *self, double theta)
{
    const struct tilt *t = self;
    struct cm_kpi_law law = tilted(t->law, theta);
    return cm_kpi_law_mean(&law) >= t->mean;
}

/* Beyond a tilt of e^40 from score to score all answers have one score but for rounding. */
static struct cm_kpi_law law(const void *options, double wanted)
{
    const struct options *o = options;
    const double most = 40;
    struct cm_kpi_law law = healthy(o);
    if (wanted != mean(options)) {
        const struct tilt tilt = {&law, wanted};
        law = tilted(&law, cm_bisect(reaches, &tilt, -most, most));
    }
    law.truth = cm_kpi_law_mean(&law);
    return cm_kpi_judged(&law, o->judge_noise);
}

const struct cm_kpi_kind cm_kpi_ordinal = {
    .kind = {.name = "ordinal",
             .summary = "Scores from 1 to 5 (answers rated by a judge).",
             .source = "exponential tilt (Csiszar 1975); judge: K-ary symmetric channel",
             .params = params,
             .options_size = sizeof(struct options),
             .check = check},
    .mean = mean,
    .law = law,
    .squares = true,
};
