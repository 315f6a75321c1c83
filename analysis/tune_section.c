/* The section [tune]. Its limits are written as they are said: `< 1%`, `<= 10m`; the sign may be
 * left out, and means no more than "at most": a limit is met by the upper end of an interval. */
#include "analysis/tune_section.h"

#include <math.h>
#include <string.h>

#include "sim/base/text.h"

const char *const cm_tune_goal_names[CM_GOALS + 1] = {
    [CM_GOAL_REQUESTS] = "blast_radius.requests",
    [CM_GOAL_FAILURES] = "blast_radius.failures",
    [CM_GOAL_SLOW] = "blast_radius.slow",
    [CM_GOAL_KPI] = "blast_radius.kpi",
    [CM_GOAL_COST] = "expected_cost",
    [CM_GOALS] = NULL,
};

static const char *const weights[] = {
    [CM_WEIGHTS_EQUAL] = "equal",
    [CM_WEIGHTS_PRIORS] = "priors",
    NULL,
};

/* --- limits --- */

/* The value behind the sign. */
static const char *behind_sign(const char *text)
{
    if (*text != '<')
        return text;
    text += text[1] == '=' ? 2 : 1;
    return text + strspn(text, " ");
}

static int parse_limit(const struct cm_param *row, const struct cm_type *type, const char *text,
                       void *out, struct cm_arena *arena, struct cm_err *err)
{
    const char *value = behind_sign(text);
    if (strchr(">=!", *text))
        return cm_fail(err, "%.40s is no upper limit; write < %s", text,
                       type == &cm_type_prob ? "1%" : "10m");
    if (!*value)
        return cm_fail(err, "a value is missing behind %s", text);
    return type->parse(row, value, out, arena, err);
}

static int share_parse(const struct cm_param *row, const char *text, void *out,
                       struct cm_arena *arena, struct cm_err *err)
{
    return parse_limit(row, &cm_type_prob, text, out, arena, err);
}

static void share_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    cm_print(to, isnan(*(const double *)value) ? "" : "< ");
    cm_type_prob.print(row, value, to);
}

static int time_parse(const struct cm_param *row, const char *text, void *out,
                      struct cm_arena *arena, struct cm_err *err)
{
    return parse_limit(row, &cm_type_duration, text, out, arena, err);
}

static void time_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    cm_print(to, *(const cm_time *)value == CM_NO_DURATION ? "" : "< ");
    cm_type_duration.print(row, value, to);
}

static const struct cm_type type_share_limit = {
    .name = "upper limit of a share",
    .accepts = "< 1%, <= 0.5%",
    .parse = share_parse,
    .print = share_print,
};

static const struct cm_type type_time_limit = {
    .name = "upper limit of a duration",
    .accepts = "< 10m, <= 1h",
    .parse = time_parse,
    .print = time_print,
};

/* --- the section --- */

static const struct cm_param params[] = {
    CM_CHOICE(
        struct cm_tune_options, minimise, "blast_radius.requests", cm_tune_goal_names,
        "What is to be small: the mean blast radius of the bad releases, or the expected cost "
        "of any (then [cost] and the priors weigh)."),
    CM_CHOICE(struct cm_tune_options, weights, "equal", weights,
              "How bad releases are weighed against each other."),
    CM_ROW(struct cm_tune_options, false_rollback, double, type_share_limit, "< 1%", 0, 1, NULL,
           "Upper limit of the false rollbacks of every good release, to be met by the upper end "
           "of a 95 % interval."),
    CM_ROW(struct cm_tune_options, missed, double, type_share_limit, "none", 0, 1, NULL,
           "Upper limit of the missed share of every bad release, likewise."),
    CM_ROW(struct cm_tune_options, time_to_promote, cm_time, type_time_limit, "none", 1,
           CM_MAX_DURATION, NULL,
           "Upper limit of the mean time to the promotion of a healthy release, likewise."),
    CM_REF(struct cm_tune_options, reference, "policy", "none",
           "The policy that the answer is compared with; none = the first one with nothing to "
           "tune."),
    CM_TEXT(struct cm_tune_options, calibrate, "none",
            "The option of the reference, or of its gates, that is moved until it rolls back as "
            "many healthy releases as the answer (threshold, min); none = its gates' own choice."),
    CM_REFS(
        struct cm_tune_options, holdout, "defect", "none",
        "Defects that nothing is tuned on and the answer is tried on; none = those tuned on, at "
        "half and at twice their strength."),
    CM_COUNT(struct cm_tune_options, start, "128", 4, 100000,
             "Candidates of each policy in the first race."),
    CM_COUNT(struct cm_tune_options, round, "48", 4, 100000,
             "Candidates in each later race, near the best of those before."),
    CM_COUNT(struct cm_tune_options, validation, "20000", 100, 1e9,
             "Replications of each release on fresh seeds, for the answer and the reference."),
    CM_PARAMS_END,
};

/* --- what only the whole scenario can be wrong about --- */

struct review {
    const struct cm_scenario *s;
    const struct cm_entry *entry;
    const struct cm_tune_options *options;
    struct cm_diags *diags;
};

static void complain(const struct review *r, const char *key, const char *text)
{
    const struct cm_param *row = cm_param_find(params, key);
    cm_diag_add(r->diags, CM_DIAG_RULE, r->entry->common_origin[row - params].value,
                "[tune] %s: %s", key, text);
}

static bool is_held_out(const struct review *r, size_t defect)
{
    for (size_t i = 0; i < r->options->holdout.n; i++)
        if (r->options->holdout.refs[i].index == (int)defect)
            return true;
    return false;
}

static void review_holdout(const struct review *r)
{
    for (size_t i = 0; i < r->options->holdout.n; i++)
        if (r->options->holdout.refs[i].index < 0)
            complain(r, "holdout", "the healthy release is no defect, and every search needs it");
}

static bool has_prior(const struct review *r)
{
    for (size_t d = 0; d < r->s->n_defects; d++)
        if (!is_held_out(r, d) && r->s->defects[d].effect.prior > 0)
            return true;
    return false;
}

static bool has_price(const struct cm_scenario *s)
{
    const struct cm_prices *p = cm_scenario_entry(s, cm_cost_section.name)->common;
    return p->failed_request > 0 || p->slow_request > 0 || p->harmed_user > 0 || p->rollback > 0 ||
           p->hour_of_delay > 0 || p->human_pause > 0;
}

static void review(const struct cm_scenario *s, struct cm_diags *diags)
{
    const struct cm_entry *entry = cm_scenario_entry(s, cm_tune_section.name);
    struct review r = {s, entry, entry->common, diags};
    review_holdout(&r);
    if (r.options->weights == CM_WEIGHTS_PRIORS && !has_prior(&r))
        complain(&r, "weights", "no defect that is tuned on has a prior");
    if (r.options->minimise == CM_GOAL_COST && !(has_prior(&r) && has_price(s)))
        complain(&r, "minimise",
                 "an expected cost needs a price in [cost] and a prior of a defect");
}

const struct cm_section cm_tune_section = {
    .name = "tune",
    .summary = "What coalmine tune looks for: values written tune(1..10), the goal, the limits.",
    .params = params,
    .size = sizeof(struct cm_tune_options),
    .review = review,
};
