/* Rules that no section can check by itself. Each looks at what is sound and reports the rest. */
#ifndef CM_CHECK_H
#define CM_CHECK_H

#include "sim/scenario/view.h"

/* The parts of cm_check_all that have a file to themselves; all want a scenario without errors. */
void cm_check_unused(struct cm_loading *l, const struct cm_scenario *s);
void cm_check_idle(struct cm_loading *l, const struct cm_scenario *s);
void cm_check_lattice(struct cm_loading *l, const struct cm_scenario *s);
void cm_check_functions(struct cm_loading *l, const struct cm_scenario *s); /* wants less */
void cm_check_monitor(struct cm_loading *l, const struct cm_scenario *s);
void cm_check_pods(struct cm_loading *l, const struct cm_scenario *s);

void cm_check_users(struct cm_loading *l, const struct cm_scenario *s);

void cm_check_kpi(struct cm_loading *l, const struct cm_scenario *s);
void cm_check_control(struct cm_loading *l, const struct cm_scenario *s);
void cm_check_flagger(struct cm_loading *l, const struct cm_scenario *s);
void cm_check_counterparts(struct cm_loading *l, const struct cm_scenario *s);

/* Requests per second, all versions together, that a metric counts; labels of a KPI. */
double cm_check_rate(const struct cm_scenario *s, const struct cm_metric *metric);
/* Whether pods are more than a number: some start, crash, or answer otherwise than others. */
bool cm_check_pods_differ(const struct cm_scenario *s);
struct cm_needs cm_check_needs(const struct cm_named_gate *gate);

/* A field of a gate by its key, or NULL. */
const void *cm_check_option(const struct cm_named_gate *gate, const char *key,
                            const struct cm_type *type);

#endif
