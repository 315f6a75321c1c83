/* Monitors: how what was counted becomes what gates see. One file a kind.
 *
 * The exact one reads the counters of a version at any instant. One that scrapes sees them through
 * samples: of each pod, at instants of its own, late, and now and then not at all. */
#ifndef CM_MONITOR_H
#define CM_MONITOR_H

#include "sim/base/kind.h"

enum cm_range_edge { CM_LEFT_OPEN, CM_CLOSED };

struct cm_scraping {
    cm_time scrape_every;
    cm_time scrape_jitter;  /* a scrape is late by up to so much */
    double scrape_loss;     /* chance that one fails */
    int range;              /* enum cm_range_edge */
    cm_time lag;            /* from a scrape until queries see it, at least */
    cm_time lag_spread;     /* and up to so much more */
    double provider_errors; /* chance that a query fails */
};

struct cm_monitor {
    struct cm_kind kind;
    /* How it scrapes; NULL = it need not. */
    const struct cm_scraping *(*scraping)(const void *options);
};

extern const struct cm_kind *const cm_monitor_kinds[]; /* monitors.def, NULL-ended */

#endif
