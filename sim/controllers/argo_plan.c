/* What a Rollout's spec says before anything happens, and when it is over. Source and assumptions:
 * argo_replicas.h; pkg/apis/rollouts/validation/validation.go, utils/defaults/defaults.go,
 * rollout/sync.go, rollout/pause.go, utils/conditions/conditions.go of the same commit. */
#include <string.h>

#include "sim/controllers/argo_replicas.h"

enum { DEFAULT_PERCENT = 25, WHOLE = 100 };
#define DEFAULT_DELAY (30 * CM_SECOND)

struct cm_argo_step cm_argo_step_of_nothing(void)
{
    return (struct cm_argo_step){.weight = CM_ARGO_ABSENT, .duration = CM_NO_DURATION, .hook = -1};
}

struct cm_argo_plan cm_argo_plan_of_nothing(void)
{
    return (struct cm_argo_plan){
        .replicas = 1,
        .max_surge = {DEFAULT_PERCENT, true},
        .max_unavailable = {DEFAULT_PERCENT, true},
        .max_weight = WHOLE,
        .min_pods = CM_ARGO_ABSENT,
        .scale_down_delay = CM_NO_DURATION,
        .abort_scale_down_delay = CM_NO_DURATION,
        .starting_step = CM_ARGO_ABSENT,
        .progress_deadline = 10 * CM_MINUTE,
    };
}

cm_time cm_argo_scale_down_delay(const struct cm_argo_plan *plan)
{
    if (!plan->routing)
        return 0;
    return plan->scale_down_delay == CM_NO_DURATION ? DEFAULT_DELAY : plan->scale_down_delay;
}

/* An explicit zero keeps the pods. */
cm_time cm_argo_abort_delay(const struct cm_argo_plan *plan)
{
    if (!plan->routing)
        return 0;
    if (plan->abort_scale_down_delay == CM_NO_DURATION)
        return DEFAULT_DELAY;
    return plan->abort_scale_down_delay == 0 ? CM_NEVER : plan->abort_scale_down_delay;
}

/* --- validation --- */

static int count_actions(const struct cm_argo_step *step)
{
    return (step->weight != CM_ARGO_ABSENT) + step->pause + step->analysis + step->experiment +
           step->route + (step->scale != CM_ARGO_NO_SCALE);
}

static int check_step(const struct cm_argo_plan *plan, int i, struct cm_err *err)
{
    const struct cm_argo_step *step = &plan->steps[i];
    int actions = count_actions(step);
    if (actions != 1)
        return cm_fail(err, "steps: step %d does %d things; a step does one", i + 1, actions);
    if (step->weight != CM_ARGO_ABSENT && (step->weight < 0 || step->weight > plan->max_weight))
        return cm_fail(err, "steps: the weight of step %d is %d, outside [0, %d]", i + 1,
                       step->weight, plan->max_weight);
    if (step->pause && step->duration != CM_NO_DURATION && step->duration < 0)
        return cm_fail(err, "steps: the pause of step %d has no length that can be read", i + 1);
    if (step->scale != CM_ARGO_NO_SCALE && !plan->routing)
        return cm_fail(err,
                       "steps: step %d scales the canary apart from its weight, which needs "
                       "traffic_routing = yes",
                       i + 1);
    if (step->route && !plan->routing)
        return cm_fail(err, "steps: step %d sets a route, which needs traffic_routing = yes",
                       i + 1);
    return 0;
}

static int check_delays(const struct cm_argo_plan *plan, struct cm_err *err)
{
    if (plan->min_ready >= plan->progress_deadline)
        return cm_fail(err, "progress_deadline must be longer than min_ready");
    if (plan->scale_down_delay != CM_NO_DURATION && !plan->routing)
        return cm_fail(err, "scale_down_delay needs traffic_routing = yes");
    if (plan->dynamic_stable && plan->scale_down_delay != CM_NO_DURATION)
        return cm_fail(err, "scale_down_delay does nothing with dynamic_stable_scale = yes: stable "
                            "has shrunk by then");
    return 0;
}

int cm_argo_check_plan(const struct cm_argo_plan *plan, struct cm_err *err)
{
    const struct cm_argo_bound *surge = &plan->max_surge, *unavailable = &plan->max_unavailable;
    for (int i = 0; i < plan->n_steps; i++)
        if (check_step(plan, i, err))
            return -1;
    if (surge->number < 0 || unavailable->number < 0)
        return cm_fail(err, "max_surge and max_unavailable are not below 0");
    if (surge->number == 0 && unavailable->number == 0)
        return cm_fail(err, "max_surge and max_unavailable are both 0: no pod could ever be moved");
    if (unavailable->percent && unavailable->number > WHOLE)
        return cm_fail(err, "max_unavailable is more than 100%%");
    if (plan->dynamic_stable && !plan->routing)
        return cm_fail(err, "dynamic_stable_scale needs traffic_routing = yes");
    return check_delays(plan, err);
}

/* --- pauses --- */

bool cm_argo_pause_over(cm_time duration, bool controller_pause, const cm_time *age)
{
    if (controller_pause && !age)
        return true;
    return duration != CM_NO_DURATION && age && *age > duration;
}

/* The units of Go's durations, in ns. */
static double unit_of(const char *text, size_t length)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"ns", 1},   {"us", 1e3}, {"\xc2\xb5s", 1e3}, {"\xce\xbcs", 1e3},
                 {"ms", 1e6}, {"s", 1e9},  {"m", 60e9},        {"h", 3600e9}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i].name) == length && strncmp(units[i].name, text, length) == 0)
            return units[i].ns;
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number with an optional fraction; false if there are no digits. */
static bool read_number(const char **at, double *number)
{
    double scale = 1;
    const char *from = *at;
    int digits = 0;
    for (*number = 0; is_digit(**at); ++*at, digits++)
        *number = 10 * *number + (**at - '0');
    if (**at == '.')
        for (++*at; is_digit(**at); ++*at, digits++)
            *number += (**at - '0') * (scale /= 10);
    return digits > 0 && *at > from;
}

/* A bare whole number is seconds, if an int32 holds it. */
int64_t cm_argo_pause_seconds(const char *text)
{
    const double largest = 2147483647;
    bool negative = *text == '-';
    const char *at = text + (*text == '-' || *text == '+');
    double total = 0, number;
    size_t bare = strspn(at, "0123456789");
    if (bare > 0 && at[bare] == '\0') {
        bool read = read_number(&at, &number) && number <= largest;
        return read && !(negative && number > 0) ? (int64_t)number : -1;
    }
    do {
        if (!read_number(&at, &number))
            return -1;
        size_t length = strcspn(at, ".0123456789");
        double unit = unit_of(at, length);
        if (unit <= 0)
            return -1;
        total += number * unit;
        at += length;
    } while (*at);
    double seconds = total / 1e9;
    return negative || seconds > largest ? -1 : (int64_t)seconds;
}

/* --- the end --- */

enum cm_argo_promotion cm_argo_should_promote(const struct cm_argo_plan *plan,
                                              const struct cm_argo_view *view, bool within_window)
{
    if (view->initial)
        return CM_ARGO_INITIAL;
    if (view->abort)
        return CM_ARGO_NOT_YET;
    const struct cm_argo_set *canary = &view->canary;
    if (!canary->exists || (canary->available < plan->replicas &&
                            (plan->threshold.type == CM_ARGO_ALL ||
                             !cm_argo_threshold_met(&plan->threshold, canary, plan->replicas))))
        return CM_ARGO_NOT_YET;
    if (view->promote_full)
        return CM_ARGO_FULL;
    if (within_window)
        return CM_ARGO_FAST_ROLLBACK;
    return cm_argo_current(plan, view) ? CM_ARGO_NOT_YET : CM_ARGO_ALL_STEPS;
}

bool cm_argo_within_window(const struct cm_argo_revision *all, size_t n,
                           const struct cm_argo_revision between[2], int revisions)
{
    const struct cm_argo_revision *older = &between[0], *stable = &between[1];
    int passed = 0;
    for (size_t i = 0; i < n; i++)
        passed += !all[i].experiment && all[i].created > older->created &&
                  all[i].created < stable->created;
    return older->created < stable->created && revisions > 0 && passed < revisions;
}

/* Other pods than the canary's are progress when they go. */
bool cm_argo_progressed(const struct cm_argo_report *old, const struct cm_argo_report *now)
{
    return strcmp(old->stable, now->stable) != 0 || strcmp(old->step_hash, now->step_hash) != 0 ||
           old->step != now->step || old->updated != now->updated ||
           now->replicas - now->updated < old->replicas - old->updated || now->ready > old->ready ||
           now->available > old->available;
}
