/* Metrics that are means: what would never show a value, and what cannot be read. */
#include "sim/scenario/check.h"

/* Labels of one class, read of another. */
static void check_classes(struct cm_loading *l, const struct cm_scenario *s, size_t m)
{
    const struct cm_metric *metric = &s->metrics[m].metric;
    size_t i = cm_entry_at(l, &cm_metric_section, (int)m);
    if (metric->signal != CM_KPI_MEAN || metric->class.index < 0)
        return;
    const struct cm_named_kpi *kpi = &s->kpis[metric->kpi.index];
    if (kpi->kpi.class.index < 0 || kpi->kpi.class.index == metric->class.index)
        return;
    cm_diag_add(l->diags, CM_DIAG_KPI_CLASS, cm_entry_value_place(l, i, "class", 0, 0),
                "[%s] class: [kpi.%s] labels requests of class %s only", cm_entry_title(l, i),
                kpi->name, s->classes[kpi->kpi.class.index].name);
}

/* Scrapes bring counters and buckets of each pod, no sums of latencies yet. */
static void check_latency(struct cm_loading *l, const struct cm_scenario *s, size_t m)
{
    size_t i = cm_entry_at(l, &cm_metric_section, (int)m);
    if (s->metrics[m].metric.signal == CM_LATENCY_MEAN && s->scraping)
        cm_diag_add(l->diags, CM_DIAG_LATENCY_MEAN, cm_entry_value_place(l, i, "signal", 0, 0),
                    "[%s] signal: latency_mean is not scraped; say monitor = exact in [telemetry], "
                    "or signal = latency_quantile",
                    cm_entry_title(l, i));
}

void cm_check_kpi(struct cm_loading *l, const struct cm_scenario *s)
{
    for (size_t m = 0; m < s->n_metrics; m++) {
        check_classes(l, s, m);
        check_latency(l, s, m);
    }
}
