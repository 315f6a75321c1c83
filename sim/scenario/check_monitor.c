/* What a monitor can show at all: windows that hold too few scrapes, latency limits that buckets
 * cannot resolve, and functions that nothing reads.
 *
 * Of a pod that is scraped every S, a window of which v can be seen (the lag hides its end) holds
 * v / S samples, rounded down or up by the pod's phase. Two make a rate; with four, one may be late
 * or lost. A quantile from buckets is known to be in its bucket; where in it, interpolation guesses
 * (sim/stats/threshold_rules.h). */
#include <math.h>
#include <string.h>

#include "sim/base/units.h"
#include "sim/scenario/check.h"
#include "sim/service/bisect.h"
#include "sim/stats/threshold_rules.h"

enum { USUAL_SCRAPES = 4, DIGITS = 3 };

void cm_check_functions(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t m = 0; m < s->n_metrics && !s->scraping; m++) {
        size_t i = cm_entry_at(l, &cm_metric_section, (int)m);
        if (l->drafts[i].broken || s->metrics[m].metric.function != CM_BY_IRATE)
            continue;
        cm_diag_add(l->diags, CM_DIAG_FUNCTION, cm_entry_value_place(l, i, "function", 0, 0),
                    "[%s] function = irate needs scrapes: say monitor = prometheus in [telemetry]",
                    cm_entry_title(l, i));
    }
}

/* --- windows --- */

/* "15s less the lag of 10s": what the samples in a window can be from. */
static void say_window(cm_time window, cm_time lag, struct cm_writer to)
{
    cm_units_print_time(window, to);
    if (lag == 0)
        return;
    cm_print(to, " less the lag of ");
    cm_units_print_time(lag, to);
}

static void say_scrapes(cm_time every, struct cm_writer to)
{
    cm_print(to, "of a pod (one every ");
    cm_units_print_time(every, to);
    cm_print(to, ")");
}

static void report_window(struct cm_loading *l, size_t i, const char *text)
{
    cm_diag_add(l->diags, CM_DIAG_SHORT_WINDOW, cm_entry_value_place(l, i, "window", 0, 0),
                "[%s] %s", cm_entry_title(l, i), text);
}

/* Where scrapes get lost, what is left of those that a window of full length holds. */
static void check_loss(struct cm_loading *l, size_t i, double held, const struct cm_scraping *how)
{
    double left = held * (1 - how->scrape_loss);
    if (left >= 2)
        return;
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    cm_print(to, "window: of the scrapes ");
    say_scrapes(how->scrape_every, to);
    cm_print(to, " it keeps %.2g on average, as ", left);
    cm_units_print(how->scrape_loss, CM_RATIO, to);
    cm_print(to, " get lost: a rate needs two");
    report_window(l, i, text.text);
    cm_buffer_release(&text);
}

/* irate reads two samples, whatever the window holds. */
static void check_window(struct cm_loading *l, size_t i, const struct cm_metric *metric,
                         const struct cm_scraping *how)
{
    cm_time lag = how->lag + how->lag_spread / 2, every = how->scrape_every;
    double held = cm_seconds(metric->window - lag) / cm_seconds(every);
    int usual = metric->function == CM_BY_IRATE ? 2 : USUAL_SCRAPES;
    if (metric->signal >= CM_LATENCY_MEAN)
        return;
    if (held >= usual) {
        check_loss(l, i, held, how);
        return;
    }
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    cm_print(to, "window: ");
    say_window(metric->window, lag, to);
    if (held <= 1) {
        cm_print(to, " never holds two scrapes ");
        say_scrapes(every, to);
        cm_print(to, ": the metric has no value, at any look");
    } else if (held < 2) {
        cm_print(to, " holds two scrapes ");
        say_scrapes(every, to);
        cm_print(to, " in %.0f%% of the cases: else the pod has no value", 100 * (held - 1));
    } else {
        cm_print(to, " holds %.0f scrapes ", floor(held));
        say_scrapes(every, to);
        cm_print(to, ": if one is late or lost, little is left; usual are %d, ", USUAL_SCRAPES);
        cm_units_print_time(USUAL_SCRAPES * every + lag, to);
    }
    report_window(l, i, text.text);
    cm_buffer_release(&text);
}

/* --- latency limits --- */

/* Latency of the requests that a metric counts, of a healthy version in fair weather. */
struct mixture {
    const struct cm_scenario *scenario;
    int class; /* -1 = all */
    double level;
};

static double cdf(const struct mixture *m, double x)
{
    const struct cm_scenario *s = m->scenario;
    double rest = 1, sum = 0;
    for (size_t c = 0; c < s->n_classes; c++) {
        const struct cm_class *class = &s->classes[c].answer;
        double own = cm_law_cdf(class->latency.n > 0 ? &class->latency : &s->service.latency, x);
        if (m->class == (int)c)
            return own;
        sum += class->share * own;
        rest -= class->share;
    }
    return sum + rest * cm_law_cdf(&s->service.latency, x);
}

static bool reaches(const void *self, double x)
{
    const struct mixture *m = self;
    return cdf(m, x) >= m->level;
}

static double rounded(double x)
{
    double scale = pow(10, DIGITS - 1 - floor(log10(x)));
    return x > 0 ? round(x * scale) / scale : 0;
}

/* "healthy answers have 485ms and read 494ms" */
static void say_bias(const struct cm_scenario *s, const struct cm_metric *metric,
                     struct cm_writer to)
{
    const struct cm_edges *edges = &s->telemetry.buckets;
    const struct mixture m = {s, metric->class.index, metric->quantile};
    double at_bound[CM_EDGES_MAX];
    for (size_t b = 0; b < edges->n; b++)
        at_bound[b] = cdf(&m, edges->bound[b]);
    double truth = cm_bisect(reaches, &m, 0, 1e6);
    struct cm_bias bias =
        cm_histogram_quantile_bias(metric->quantile, edges->bound, at_bound, edges->n, truth);
    cm_print(to, "; a healthy version has ");
    cm_units_print(rounded(truth), CM_SECONDS, to);
    cm_print(to, " and reads ");
    cm_units_print(rounded(bias.interpolated), CM_SECONDS, to);
}

static void check_limit(struct cm_loading *l, const struct cm_scenario *s, int gate)
{
    const struct cm_quantity *max = cm_check_option(&s->gates[gate], "max", &cm_type_quantity);
    if (!max || isnan(max->value) || s->gates[gate].n_metrics == 0)
        return;
    const struct cm_metric *metric = &s->metrics[s->gates[gate].metric[0]].metric;
    const struct cm_edges *edges = &s->telemetry.buckets;
    size_t above = 0;
    while (above < edges->n && edges->bound[above] < max->value)
        above++;
    bool beyond = above == edges->n || (above + 1 == edges->n && edges->bound[above] == max->value);
    if (metric->signal != CM_LATENCY_QUANTILE || (!beyond && edges->bound[above] == max->value))
        return;
    struct cm_buffer text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    cm_units_print(max->value, CM_SECONDS, to);
    cm_print(to, beyond ? " is not below the last of the buckets, " : " lies between the bounds ");
    cm_units_print(beyond      ? edges->bound[edges->n - 1]
                   : above > 0 ? edges->bound[above - 1]
                               : 0,
                   CM_SECONDS, to);
    if (beyond) {
        cm_print(to, ", and no quantile reads more: the limit never objects");
    } else {
        cm_print(to, " and ");
        cm_units_print(edges->bound[above], CM_SECONDS, to);
        cm_print(to, " of the buckets: what reads as the limit may be anything between them");
        say_bias(s, metric, to);
    }
    size_t i = cm_entry_at(l, &cm_gate_section, gate);
    cm_diag_add(l->diags, CM_DIAG_BUCKETS, cm_entry_value_place(l, i, "max", 0, 0), "[%s] max: %s",
                cm_entry_title(l, i), text.text);
    cm_buffer_release(&text);
}

void cm_check_monitor(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t m = 0; m < s->n_metrics && s->scraping; m++)
        check_window(l, cm_entry_at(l, &cm_metric_section, (int)m), &s->metrics[m].metric,
                     s->scraping);
    for (size_t g = 0; g < s->n_gates; g++)
        check_limit(l, s, (int)g);
}
