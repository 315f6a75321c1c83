/* A tilted release is played as one with a defect that multiplies the error ratio from the first
 * request on: nothing in the engine knows of importance sampling. Ratios are those that the
 * policy's gates would look for (cm_gate.tilt), or a few that span what defects do. */
#include "analysis/rare.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/mem.h"

static const double usual[] = {1.15, 1.3, 1.45, 1.6, 1.8, 2};

/* --- what can be asked --- */

static bool is_change(const struct cm_change *c)
{
    return c->times != 1 || c->plus != 0;
}

static int check_weather(const struct cm_environment *e, struct cm_err *err)
{
    if (e->drift > 0)
        return cm_fail(err, "drift moves the healthy error ratio: --rare needs one that is known");
    if (e->incident_every != CM_NO_DURATION && is_change(&e->incident_error_rate))
        return cm_fail(err, "incidents move the healthy error ratio: --rare needs one that is "
                            "known");
    return 0;
}

/* Machines that differ, and pods that are away, have error ratios of their own. */
static int check_pods(const struct cm_fleet *pods, struct cm_err *err)
{
    if (pods->error_noise > 0 || pods->restart_every != CM_NO_DURATION)
        return cm_fail(err, "pods differ in their errors (error_noise, restart_every): --rare "
                            "needs one healthy error ratio");
    return 0;
}

/* Copies meet the tilt and are nobody's requests; with a newer revision it ends. */
static int check_policies(const struct cm_scenario *s, struct cm_err *err)
{
    for (size_t i = 0; i < s->n_policies; i++) {
        const struct cm_named_policy *p = &s->policies[i];
        struct cm_uses uses = cm_controller_uses(p->controller, p->options);
        if (uses.mirror || uses.revisions)
            return cm_fail(err, "policy %s %s: --rare cannot weigh its rollouts", p->name,
                           uses.mirror ? "mirrors requests" : "minds newer revisions");
    }
    return 0;
}

int cm_rare_check(const struct cm_scenario *s, struct cm_err *err)
{
    for (size_t i = 0; i < s->n_classes; i++)
        if (!isnan(s->classes[i].answer.error_rate) &&
            s->classes[i].answer.error_rate != s->service.error_rate)
            return cm_fail(err,
                           "class '%s' has an error rate of its own: --rare needs one that all "
                           "requests have",
                           s->classes[i].name);
    if (s->service.warm_up > 0 && is_change(&s->service.warm_up_error_rate))
        return cm_fail(err, "a cold version has another error ratio: --rare needs one that stays");
    if (s->service.error_rate <= 0 || s->service.error_rate >= 0.5)
        return cm_fail(err, "--rare needs an error rate above 0%% and below 50%%");
    return check_weather(&s->environment, err) || check_pods(&s->pods, err) ||
                   check_policies(s, err)
               ? -1
               : 0;
}

/* --- ratios --- */

static void add_ratio(struct cm_rare *result, double ratio, double error_rate)
{
    size_t i = result->n_ratios;
    const double most = 0.9; /* an error ratio beyond which nothing is gained */
    if (ratio * error_rate > most || i == CM_RARE_RATIOS)
        return;
    for (size_t k = 0; k < i; k++)
        if (fabs(result->ratio[k] - ratio) < 1e-9 * ratio)
            return;
    for (; i > 0 && result->ratio[i - 1] > ratio; i--)
        result->ratio[i] = result->ratio[i - 1];
    result->ratio[i] = ratio;
    result->n_ratios++;
}

static void choose_ratios(const struct cm_scenario *s, int policy, struct cm_rare *result)
{
    enum { DRAWS = 200 };
    const struct cm_named_policy *p = &s->policies[policy];
    struct cm_rng rng = cm_rng_stream(s->run.seed, 0, cm_rng_purpose("rare.ratio"), 0);
    add_ratio(result, 1, s->service.error_rate);
    for (size_t g = 0; g < p->n_gates; g++) {
        const struct cm_named_gate *gate = &s->gates[p->gate[g]];
        for (int i = 0; gate->gate->tilt && i < DRAWS; i++)
            add_ratio(result, gate->gate->tilt(gate->options, &rng), s->service.error_rate);
    }
    for (size_t i = 0; result->n_ratios < 2 + i && i < sizeof usual / sizeof usual[0]; i++)
        add_ratio(result, usual[i], s->service.error_rate);
}

/* --- paths --- */

/* The scenario with a defect for every ratio in the place of its own. */
struct tilted {
    struct cm_scenario scenario; /* a shallow copy */
    struct cm_named_defect defects[CM_RARE_RATIOS];
    struct cm_arena arena;
    struct cm_cell cells[CM_RARE_RATIOS];
};

static const struct cm_profile *step_profile(void)
{
    size_t i = 0;
    while (strcmp(cm_profile_kinds[i]->kind.name, "step") != 0)
        i++;
    return cm_profile_kinds[i];
}

static void tilt(struct tilted *t, const struct cm_scenario *s, int policy,
                 const struct cm_rare *rare)
{
    const struct cm_profile *step = step_profile();
    void *options = cm_arena_alloc(&t->arena, step->kind.options_size);
    const struct cm_change same = {.times = 1};
    cm_params_default(step->kind.params, options, &t->arena);
    t->scenario = *s;
    t->scenario.defects = t->defects;
    t->scenario.n_defects = rare->n_ratios;
    uint64_t each = s->run.replications / rare->n_ratios + 1;
    for (size_t k = 0; k < rare->n_ratios; k++) {
        struct cm_defect effect = {.error_rate = {.times = rare->ratio[k]},
                                   .latency = same,
                                   .slow_latency = same,
                                   .scope = {.index = -1},
                                   .prior = NAN,
                                   .harmless = true}; /* to hooks and people it is healthy */
        t->defects[k] = (struct cm_named_defect){"tilt", effect, step, options};
        t->cells[k] = (struct cm_cell){
            .plan = {.scenario = &t->scenario, .policy = policy, .release = (int)k, .strength = 1},
            .replications = each,
            .rows = cm_alloc((size_t)each * sizeof(struct cm_outcome)),
        };
    }
}

static void release(struct tilted *t, size_t n)
{
    for (size_t k = 0; k < n; k++)
        cm_free(t->cells[k].rows);
    cm_arena_release(&t->arena);
}

/* W of a path, from the errors and requests of its canary. */
static double weight_of(const struct cm_rare *rare, double p, const struct cm_harm *canary)
{
    double x = (double)canary->errors, ok = (double)canary->requests - x, sum = 0;
    for (size_t k = 0; k < rare->n_ratios; k++) {
        double r = rare->ratio[k];
        sum += exp(x * log(r) + ok * (log1p(-r * p) - log1p(-p)));
    }
    return (double)rare->n_ratios / sum;
}

/* --- the estimate --- */

/* Running sums over observations, one for each replication. */
struct sums {
    double y, yy;      /* weights of rollbacks */
    double w, ww;      /* of all paths */
    double each, most; /* squares of single weights; the largest */
};

static void add_replication(const struct tilted *t, uint64_t i, struct cm_rare *rare,
                            struct sums *sums)
{
    double y = 0, w = 0, p = t->scenario.service.error_rate;
    for (size_t k = 0; k < rare->n_ratios; k++) {
        const struct cm_outcome *row = &t->cells[k].rows[i];
        double weight = weight_of(rare, p, &row->rollout);
        bool back = row->end == CM_ROLLED_BACK;
        w += weight;
        rare->n++;
        rare->plain_n += k == 0;
        rare->plain_x += k == 0 && back;
        if (!back)
            continue;
        y += weight;
        rare->rolled_back++;
        sums->each += weight * weight;
        sums->most = fmax(sums->most, weight);
    }
    y /= (double)rare->n_ratios, w /= (double)rare->n_ratios;
    sums->y += y, sums->yy += y * y;
    sums->w += w, sums->ww += w * w;
}

/* Standard error of a mean from the sums of n observations. */
static double error_of(double sum, double squares, double n)
{
    double mean = sum / n;
    return sqrt(fmax(0, squares / n - mean * mean) / (n - 1));
}

static void conclude(struct cm_rare *rare, const struct sums *sums, double n)
{
    const double z = 1.959963984540054, k = (double)rare->n_ratios, total = sums->y * k;
    double se = error_of(sums->y, sums->yy, n);
    rare->rate = sums->y / n;
    rare->low = fmax(0, rare->rate - z * se);
    rare->high = rare->rate + z * se;
    rare->relative_error = rare->rate > 0 ? se / rare->rate : NAN;
    rare->mean_weight = sums->w / n;
    rare->mean_weight_se = error_of(sums->w, sums->ww, n);
    rare->effective = sums->each > 0 ? total * total / sums->each : 0;
    rare->largest = total > 0 ? sums->most / total : NAN;
}

int cm_rare_estimate(const struct cm_scenario *s, int policy, struct cm_runner runner,
                     struct cm_rare *result)
{
    struct tilted t = {0};
    struct sums sums = {0};
    *result = (struct cm_rare){0};
    choose_ratios(s, policy, result);
    tilt(&t, s, policy, result);
    int status = runner.run(runner.self, t.cells, result->n_ratios);
    for (uint64_t i = 0; i < t.cells[0].replications && !status; i++)
        add_replication(&t, i, result, &sums);
    if (!status)
        conclude(result, &sums, (double)t.cells[0].replications);
    release(&t, result->n_ratios);
    return status;
}
