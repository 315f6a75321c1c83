/* An experiment as immutable data.
 *
 * A scenario is read once (load, link, check) and const from then on; everything in it lives in
 * its arena. Sections that belong to layers above the simulation ([study], [cost]) are handed to
 * the loader as a list and come back as entries: the simulation never names a measure. */
#ifndef CM_SCENARIO_H
#define CM_SCENARIO_H

#include "sim/base/diag.h"
#include "sim/base/kind.h"
#include "sim/controllers/controller.h"
#include "sim/controllers/hook.h"
#include "sim/controllers/people.h"
#include "sim/controllers/revisions.h"
#include "sim/defects/defect.h"
#include "sim/service/environment.h"
#include "sim/service/gauge.h"
#include "sim/service/kpi.h"
#include "sim/service/pods.h"
#include "sim/service/service.h"
#include "sim/service/users.h"
#include "sim/telemetry/monitor.h"
#include "sim/traffic/arrivals.h"

/* Where a value came from. */
struct cm_origin {
    enum { CM_FROM_DEFAULT, CM_FROM_FILE, CM_FROM_SET, CM_FROM_EXTENDS } from;
    struct cm_place key, value; /* file and line, unless a default */
    const char *text;           /* as written */
};

/* One [section] after loading. */
struct cm_entry {
    const struct cm_section *section;
    const char *name;           /* "ours" of [policy.ours]; "" for unnamed sections */
    const struct cm_kind *kind; /* NULL if the section has none */
    void *common, *options;     /* filled by section->params, kind->params */
    const struct cm_origin *common_origin, *options_origin; /* one a row */
    struct cm_origin kind_origin;
    struct cm_place place; /* of the header; file NULL: the section was not written */
};

/* [scenario] */
struct cm_run_options {
    uint64_t replications; /* for the healthy release and for each defect */
    cm_time horizon;       /* a rollout not over by then is timed out */
    uint64_t seed;
    int flow; /* enum cm_flow_kind */
    struct cm_start {
        bool random;
        cm_time at; /* ns from Monday 00:00, when not random */
    } start;
};

struct cm_named_class {
    const char *name;
    struct cm_class answer;
};
struct cm_named_kpi {
    const char *name;
    struct cm_kpi kpi;
    const struct cm_kpi_kind *kind;
    const void *options;
};
struct cm_named_gauge {
    const char *name;
    struct cm_gauge gauge;
};
struct cm_named_defect {
    const char *name;
    struct cm_defect effect;
    const struct cm_profile *profile;
    const void *options;
};
struct cm_named_metric {
    const char *name;
    struct cm_metric metric;
};
struct cm_named_gate {
    const char *name;
    const struct cm_gate *gate;
    const void *options;
    int metric[16]; /* indices of the metrics it reads, in the order of its references */
    size_t n_metrics;
    int part[8]; /* indices of the gates whose verdicts it combines */
    size_t n_parts;
    int level; /* 0 without parts, else above all of its parts */
};
struct cm_named_hook {
    const char *name;
    struct cm_hook hook;
};
#define CM_ASKED_MAX   16
#define CM_WATCHED_MAX 32
struct cm_named_policy {
    const char *name;
    const struct cm_controller *controller;
    const void *options;
    enum cm_arm control, control_after; /* CM_BASELINE: none after it */
    /* Indices of the gates it asks, then of those that they are made of; a desk's CM_ASK_GATE id
     * indexes these. */
    int gate[CM_WATCHED_MAX];
    size_t n_gates, n_watched; /* asked; all of them */
};

struct cm_scenario {
    const char *title; /* of the first file: its leading comment line, or its name */
    const char *file;
    struct cm_run_options run;
    const struct cm_arrivals *arrivals;
    const void *arrivals_options;
    struct cm_service service;
    struct cm_environment environment;
    struct cm_escape escape;
    struct cm_fleet pods;
    struct cm_users users;
    struct cm_telemetry telemetry;
    const struct cm_scraping *scraping; /* how the monitor scrapes; NULL = it sees everything */
    cm_time
        history; /* telemetry.history, or the rung of the ladder that holds the longest window */
    const struct cm_named_class *classes;
    size_t n_classes;
    const struct cm_named_kpi *kpis;
    size_t n_kpis;
    const struct cm_named_gauge *gauges;
    size_t n_gauges;
    const struct cm_named_defect *defects;
    size_t n_defects;
    const struct cm_named_metric *metrics;
    size_t n_metrics;
    const struct cm_named_gate *gates;
    size_t n_gates;
    const struct cm_named_hook *hooks; /* a desk's CM_ASK_HOOK id indexes these */
    size_t n_hooks;
    struct cm_people people;
    struct cm_revisions revisions;
    const struct cm_named_policy *policies;
    size_t n_policies;
    const struct cm_entry *entries;
    size_t n_entries;      /* everything, in file order, then the unwritten */
    struct cm_arena arena; /* owned */
};

/* Text that takes the place of bytes [at, at + length) of a value as it was written, before it gets
 * a type. Mistakes in it point at what it replaces. */
struct cm_replacement {
    const char *section, *key; /* "policy.ours", "steps" */
    size_t at, length;
    const char *text; /* borrowed until the scenario is released */
};

/* What to read and how. */
struct cm_load {
    const char *path;
    struct cm_source source;
    const struct cm_section *const *extra; /* NULL-ended: sections of layers above; may be NULL */
    const char *const *set;                /* "section.key=VALUE", NULL-ended; may be NULL */
    /* Done behind `set`, before sections inherit; those of one value ascend. */
    const struct cm_replacement *replace;
    size_t n_replace;
};

/* Reads, links and checks. 0, or -1 with every mistake in `diags` (warnings may stand there after
 * success, too). Release it in either case. */
int cm_scenario_load(struct cm_scenario *s, const struct cm_load *load, struct cm_diags *diags);
void cm_scenario_release(struct cm_scenario *s); /* idempotent, safe on {0} */

/* The entry of an unnamed section ("study"), or NULL. */
const struct cm_entry *cm_scenario_entry(const struct cm_scenario *s, const char *section);

/* The whole scenario as a file that loads to the same, each value with where it came from. */
void cm_scenario_print(const struct cm_scenario *s, struct cm_writer to);
/* The same without where values came from; what nobody said is a comment, so that it is still
 * unsaid where the text is loaded. */
void cm_scenario_print_plain(const struct cm_scenario *s, struct cm_writer to);

/* Every section a file may hold: the simulation's, NULL-ended. */
extern const struct cm_section *const cm_scenario_sections[];

#endif
