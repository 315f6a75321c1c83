/* The score; formulas in the header. */
#include "sim/stats/kayenta_score.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cm_kayenta_group cm_kayenta_group_of(const struct cm_kayenta_result *results, size_t n,
                                            size_t group)
{
    struct cm_kayenta_group g = {.exists = false};
    double passed = 0, counted = 0;
    for (size_t i = 0; i < n; i++) {
        const struct cm_kayenta_result *r = &results[i];
        if (r->muted || !(r->groups >> group & 1))
            continue;
        g.exists = true;
        passed += r->label == CM_KAYENTA_PASS;
        counted += r->label != CM_KAYENTA_NODATA && r->label != CM_KAYENTA_ERROR;
    }
    g.no_data = counted == 0;
    g.score = g.no_data ? 0 : passed / counted * 100;
    return g;
}

/* What each group without a configured weight has. */
static double remainder_of(const struct cm_kayenta_group *groups,
                           const struct cm_kayenta_weights *weights)
{
    double configured = 0, without = 0;
    for (size_t g = 0; g < weights->n; g++) {
        configured += isnan(weights->weight[g]) ? 0 : weights->weight[g];
        without += groups[g].exists && isnan(weights->weight[g]);
    }
    return without > 0 ? (100 - configured) / without : 0;
}

static double sum_of_groups(const struct cm_kayenta_result *results, size_t n,
                            const struct cm_kayenta_weights *weights)
{
    struct cm_kayenta_group groups[CM_KAYENTA_GROUPS_MAX];
    double sum = 0;
    for (size_t g = 0; g < weights->n; g++)
        groups[g] = cm_kayenta_group_of(results, n, g);
    double rest = remainder_of(groups, weights);
    for (size_t g = 0; g < weights->n; g++) {
        double weight = isnan(weights->weight[g]) ? rest : weights->weight[g];
        double score = groups[g].no_data ? 100 : groups[g].score;
        sum += groups[g].exists ? score * (weight / 100) : 0;
    }
    return sum;
}

/* Of nothing at all there is no half without data. */
static bool lacks_data(const struct cm_kayenta_result *results, size_t n)
{
    double heard = 0, without = 0;
    for (size_t i = 0; i < n; i++) {
        heard += !results[i].muted;
        without += !results[i].muted && results[i].label == CM_KAYENTA_NODATA;
    }
    return heard > 0 && without / heard * 100 >= 50;
}

struct cm_kayenta_score cm_kayenta_score_of(const struct cm_kayenta_result *results, size_t n,
                                            const struct cm_kayenta_weights *weights)
{
    for (size_t i = 0; i < n; i++)
        if (!results[i].muted && results[i].critical && results[i].label != CM_KAYENTA_PASS)
            return (struct cm_kayenta_score){0, CM_KAYENTA_BY_CRITICAL, i};
    if (lacks_data(results, n))
        return (struct cm_kayenta_score){0, CM_KAYENTA_BY_NODATA, 0};
    double sum = sum_of_groups(results, n, weights);
    return (struct cm_kayenta_score){cm_kayenta_round(sum), CM_KAYENTA_BY_GROUPS, 0};
}

/* The shortest digits that read back, and the power of ten of the first. */
static int digits_of(double x, char digits[20])
{
    char text[32];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, x);
        if (strtod(text, NULL) == x)
            break;
    }
    size_t n = 0;
    const char *exponent = strchr(text, 'e');
    for (const char *at = text; at < exponent; at++)
        if (*at >= '0' && *at <= '9')
            digits[n++] = *at;
    digits[n] = '\0';
    return atoi(exponent + 1);
}

/* Scores have far fewer digits than a double holds: hundredths are whole numbers. */
double cm_kayenta_round(double x)
{
    char digits[20] = "";
    int kept = digits_of(fabs(x), digits) + 3, n = (int)strlen(digits);
    if (kept >= n || kept < 0)
        return kept < 0 ? 0 : x;
    double hundredths = 0;
    for (int i = 0; i < kept; i++)
        hundredths = 10 * hundredths + (digits[i] - '0');
    hundredths += digits[kept] >= '5';
    return copysign(hundredths / 100, x);
}

enum cm_kayenta_verdict cm_kayenta_verdict_of(double score, const struct cm_kayenta_thresholds *t)
{
    if (score >= t->pass)
        return CM_KAYENTA_PASSES;
    return score >= t->marginal ? CM_KAYENTA_MARGINAL : CM_KAYENTA_FAIL;
}
