/* Scrapes: what a monitor has seen of each pod's counters.
 *
 * What a version answered between two scrapes of any of its pods is dealt to the pods: a balancer
 * that sends each request to any pod with equal chances makes their parts multinomial. So pods add
 * up to their version, whose own numbers do not move, and each of them is a thinned stream. When a
 * pod is scraped its counters become a sample, unless the scrape fails; queries see samples only
 * (query.h).
 *
 * A series is one counter of a pod: of a class, answers that were right, answers that failed, and
 * the cumulative buckets of latency if somebody reads them. Requests and buckets are dealt
 * independently of each other; no query compares them. */
#ifndef CM_SCRAPES_H
#define CM_SCRAPES_H

#include "sim/engine/cursor.h"
#include "sim/engine/pod_shares.h"
#include "sim/telemetry/prometheus.h"

/* Series of a class, in this order; the buckets follow. */
enum cm_series { CM_SERIES_OK, CM_SERIES_ERROR, CM_SERIES_BUCKETS };

/* What the scrapes of one pod brought. */
struct cm_pod_samples {
    cm_time *at, *visible; /* owned, and so is */
    uint64_t *values;      /* n_series a sample */
    size_t first, n, room; /* samples first .. n - 1 are kept */
    /* Where pods come and go, owned: by how much counters have been seen to rise, n_series a
     * sample; which pod, of those that have had this place, it is a sample of. */
    uint64_t *risen, *made;
};

struct cm_target {
    uint64_t purpose; /* of its streams */
    cm_time phase;
    int64_t number; /* of its next scrape, which is */
    cm_time at, lag;
    bool fails;
    uint64_t *counters;  /* owned; what the pod has counted; buckets not cumulative */
    uint64_t *oldest;    /* owned; its first sample */
    bool known;          /* it has one */
    uint64_t life, made; /* of pods that come and go, world.h; life = 0: it is not up */
    uint64_t last_life;  /* when it was last sampled */
    struct cm_pod_samples samples;
};

/* The pods of one version. */
struct cm_targets {
    struct cm_target *list; /* owned */
    size_t n;
    uint64_t deal_purpose[CM_CLASSES_MAX];
    struct cm_cursor cursor; /* where a pod was last scraped */
    struct cm_pod_shares shares;
};

struct cm_scrapes {
    const struct cm_scraping *scraping; /* borrowed; NULL: the monitor does not scrape */
    struct cm_ledger *ledger;           /* borrowed */
    uint64_t replication;
    bool come_and_go; /* pods differ, and may crash: their parts are worked out */
    size_t per_class, n_series, n_versions;
    cm_time window; /* the longest that a query reads, or a gate at the start */
    struct cm_targets versions[CM_VERSIONS];
    uint64_t *fresh;                   /* owned; scratch: n_series */
    struct cm_prometheus_sample *line; /* owned; scratch: the samples of one series */
    size_t line_room;
};

void cm_scrapes_init(struct cm_scrapes *s, struct cm_ledger *ledger);
void cm_scrapes_release(struct cm_scrapes *s);
/* A new replication, at time 0: stable was scraped before. */
void cm_scrapes_begin(struct cm_scrapes *s, uint64_t replication);
/* Makes the scrapes up to the ledger's now. */
void cm_scrapes_advance(struct cm_scrapes *s);
/* Nobody looks any more. */
void cm_scrapes_end(struct cm_scrapes *s);

/* The cells of the ledger as seen at `now`: by the last sample of each pod that is visible, since
 * its first one. Everything is in time. */
void cm_scrapes_seen(const struct cm_scrapes *s, cm_time now, uint64_t *cells);

/* The same of the buckets: version x class x bucket, not cumulative. Requests and buckets are dealt
 * to pods apart: where scrapes of pods differ, so do their sums. */
void cm_scrapes_seen_buckets(const struct cm_scrapes *s, cm_time now, uint64_t *buckets);

/* Samples first .. the result - 1 of a pod are visible at `now`. */
size_t cm_pod_samples_visible(const struct cm_pod_samples *samples, cm_time now);

#endif
