/* The rules of the header, one function each; sums over the samples of one series. */
#include "sim/telemetry/prometheus.h"

#include <assert.h>
#include <math.h>

#include "sim/stats/bucket_quantile.h"

/* Nearer to an edge than so many spacings, the counter is taken to go on up to it. */
static const double NEAR = 1.1;
/* Bucket rates that differ by less than this, relatively, differ by rounding. */
static const double SMALL_DELTA = 1e-12;

static const struct cm_element missing = {.exists = false, .value = NAN};

static bool is_within(const struct cm_prometheus_sample *s, const struct cm_range *range)
{
    cm_time from = range->at - range->window;
    return s->at <= range->at && (s->at > from || (range->closed && s->at == from)) &&
           !isnan(s->value);
}

/* What extrapolation needs of the samples in the range. */
struct summary {
    size_t n;
    struct cm_prometheus_sample first, previous, last;
    double lost; /* what resets took away: the values before them */
};

static struct summary summarise(const struct cm_prometheus_sample *samples, size_t n,
                                const struct cm_range *range)
{
    struct summary s = {0};
    for (size_t i = 0; i < n; i++) {
        if (!is_within(&samples[i], range))
            continue;
        if (s.n == 0)
            s.first = samples[i];
        else if (samples[i].value < s.last.value)
            s.lost += s.last.value;
        s.previous = s.last;
        s.last = samples[i];
        s.n++;
    }
    return s;
}

/* Seconds beyond the sample nearest to an edge `gap` seconds away. */
static double reach(double gap, double spacing)
{
    return gap < NEAR * spacing ? gap : spacing / 2;
}

/* Of n samples, at least two. */
static struct cm_element increase(const struct summary *s, const struct cm_range *range)
{
    double rise = s->last.value - s->first.value + s->lost;
    double sampled = cm_seconds(s->last.at - s->first.at);
    double spacing = sampled / (double)(s->n - 1);
    double left = reach(cm_seconds(s->first.at - (range->at - range->window)), spacing);
    double right = reach(cm_seconds(range->at - s->last.at), spacing);
    if (rise > 0 && s->first.value >= 0)
        left = fmin(left, sampled * (s->first.value / rise));
    return (struct cm_element){true, rise * ((sampled + left + right) / sampled), rise};
}

static struct cm_element instant_rate(const struct summary *s)
{
    bool fell = s->last.value < s->previous.value;
    double rise = fell ? s->last.value : s->last.value - s->previous.value;
    return (struct cm_element){true, rise / cm_seconds(s->last.at - s->previous.at), rise};
}

struct cm_element cm_prometheus_apply(enum cm_function function,
                                      const struct cm_prometheus_sample *samples, size_t n,
                                      const struct cm_range *range)
{
    struct summary s = summarise(samples, n, range);
    if (s.n < 2)
        return missing;
    if (function == CM_BY_IRATE)
        return instant_rate(&s);
    struct cm_element e = increase(&s, range);
    if (function == CM_BY_RATE)
        e.value /= cm_seconds(range->window);
    return e;
}

struct cm_element cm_prometheus_instant(const struct cm_prometheus_sample *samples, size_t n,
                                        const struct cm_range *range)
{
    size_t i = n;
    while (i > 0 && samples[i - 1].at > range->at)
        i--;
    if (i == 0 || !is_within(&samples[i - 1], range))
        return missing;
    return (struct cm_element){.exists = true, .value = samples[i - 1].value};
}

void cm_prometheus_add(struct cm_element *sum, struct cm_element element)
{
    if (!element.exists)
        return;
    if (!sum->exists)
        *sum = (struct cm_element){.exists = true};
    sum->value += element.value;
    sum->counted += element.counted;
}

struct cm_element cm_prometheus_ratio(struct cm_element above, struct cm_element below)
{
    if (!above.exists || !below.exists)
        return missing;
    return (struct cm_element){.exists = true, .value = above.value / below.value};
}

/* Each bucket at least as much as the one before it; what is as good as equal is made equal. */
static double repaired(double before, double now)
{
    bool equal = fabs(now - before) < SMALL_DELTA * (fabs(now) + fabs(before));
    return equal || now < before ? before : now;
}

struct cm_element cm_prometheus_quantile(double q, const struct cm_edges *edges,
                                         const struct cm_element *buckets)
{
    double mass[CM_EDGES_MAX + 1], below = 0;
    assert(edges->n <= CM_EDGES_MAX);
    if (!buckets[edges->n].exists)
        return missing;
    for (size_t i = 0; i <= edges->n; i++) {
        double value = buckets[i].exists ? buckets[i].value : below;
        double cumulative = i == 0 ? value : repaired(below, value);
        mass[i] = i == 0 ? value : cumulative - below;
        below = cumulative;
    }
    double value = cm_bucket_quantile(q, edges->bound, mass, edges->n);
    return (struct cm_element){true, value, buckets[edges->n].counted};
}
