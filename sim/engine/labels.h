/* Labels: what is known of KPIs, as time passes.
 *
 * A series is one KPI's labels, or the latencies of all answers (signal = latency_mean), which are
 * labels that come with the answer. A label belongs to a row, version x class. Where the flow draws
 * counts, so does this (labels_counts.c): labels that come in a block are independent Poisson
 * variables, of each row and each level of the defect, with sums drawn at once. Where it draws
 * requests, each request brings its labels (labels_requests.c).
 *
 * Blocks end where somebody wakes; a window that begins inside one parts it, without moving
 * anybody's numbers, as the ledger does. Labels have streams of their own: whether a scenario has
 * KPIs changes nothing else. By themselves labels are exact in both flows; in the counts flow they
 * are independent of the counters of requests, though they are labels of these very requests. */
#ifndef CM_LABELS_H
#define CM_LABELS_H

#include "sim/engine/pending.h"
#include "sim/engine/world.h"

struct cm_kpi_label {
    cm_time at; /* when it is known */
    double value;
    size_t row;
};

/* The law of the labels of requests that arrive at one level of the defect. */
struct cm_leveled {
    double level;
    struct cm_kpi_law law;
};

/* Labels of one row and law that came in a block. */
struct cm_label_part {
    size_t row, law;
    struct cm_kpi_sums sums;
};

struct cm_label_series {
    const struct cm_named_kpi *kpi; /* borrowed; NULL: latencies */
    struct cm_change change;        /* what the defect does to it */
    uint64_t purpose;
    struct cm_rng stream;    /* of the stretch whose requests are being drawn */
    struct cm_leveled *laws; /* owned; laws repeat over replications */
    size_t n_laws, room_laws;
    size_t delay; /* shape of it, in the table of delays; CM_WITH_ANSWER */

    struct cm_kpi_moments *total; /* owned; at the end of each block, n_rows a block */
    uint64_t *end;                /* owned; of each block: items up to its end */
    size_t room;

    /* Items, numbered for ever; those from `first` on are kept. Parts where counts are drawn,
     * labels where requests are, those of a block in no order. */
    struct cm_label_part *parts; /* owned */
    struct cm_kpi_label *labels; /* owned */
    uint64_t first, n;
    size_t room_items;

    struct cm_pending *pending; /* owned; of each row: labels that are known later */
};
#define CM_WITH_ANSWER SIZE_MAX

/* Of a unit flow over each piece, what comes in a block: rows with one law of delay share it. */
struct cm_label_masses {
    bool known; /* of this delay and block */
    size_t delay;
    cm_time block[2];
    size_t room;
    double *of_piece; /* owned */
};
#define CM_LABEL_DEPTHS 64 /* a block is halved fewer times */

struct cm_labels {
    const struct cm_plan *plan; /* borrowed */
    struct cm_world *world;     /* borrowed */
    bool one_by_one;            /* the flow draws requests */
    bool over;                  /* nobody looks any more */
    uint64_t replication;
    size_t n_classes, n_rows;
    cm_time keep;   /* the longest window that reads labels */
    cm_time *until; /* owned; ends of blocks; the first is where the history begins */
    size_t n_blocks, room_blocks;
    struct cm_edges no_edges;
    struct cm_shapes delays;        /* from a request's arrival to its label */
    struct cm_label_masses *masses; /* owned: by depth of halving; of the world as it is */
    struct cm_label_series *series; /* owned; KPIs in file order, then latencies if read */
    size_t n_series;
    size_t *law; /* owned; scratch: of a batch, by arm and class */
    size_t room_law;
};

void cm_labels_init(struct cm_labels *l, const struct cm_plan *plan, struct cm_world *world,
                    bool one_by_one);
void cm_labels_release(struct cm_labels *l);
/* A new replication; labelling begins with the history. */
void cm_labels_begin(struct cm_labels *l, uint64_t replication);
/* Labels up to the world's now. */
void cm_labels_advance(struct cm_labels *l);
/* What the defect takes from the KPIs of requests that arrive in (from, until], on any version, in
 * expectation: right answers times what each is worth less, all KPIs times their weights. */
double cm_labels_lost(struct cm_labels *l, cm_time from, cm_time until);
/* Nobody looks any more. */
void cm_labels_end(struct cm_labels *l);

/* In the requests flow: what arrives in (from, until] is drawn next; and a batch of it has been
 * served, all of one piece. */
struct cm_requests;
void cm_labels_stretch(struct cm_labels *l, cm_time from, cm_time until);
void cm_labels_batch(struct cm_labels *l, const struct cm_requests *r,
                     const struct cm_piece *piece);

/* Whether a metric reads labels. */
bool cm_labels_serve(const struct cm_metric *metric);
/* Of one version, what came in (from, until]; `until` is at most the last advance, `from` is the
 * end of a block or not before the windows kept. */
struct cm_kpi_moments cm_labels_between(const struct cm_labels *l, const struct cm_metric *metric,
                                        const cm_time between[2], size_t version);

/* --- for labels_counts.c and labels_requests.c --- */

/* The level of the defect that the requests of a row meet in a part of its version; 0 = none. */
double cm_labels_level(const struct cm_labels *l, const struct cm_piece *piece, size_t row,
                       size_t part);
/* An index into the laws of a series that is a KPI. */
size_t cm_labels_law(struct cm_label_series *s, double level);
/* Whether requests of this class get labels of the series. */
static inline bool cm_labels_cover(const struct cm_label_series *s, size_t class)
{
    return !s->kpi || s->kpi->kpi.class.index < 0 || (size_t)s->kpi->kpi.class.index == class;
}
void cm_labels_add(struct cm_kpi_moments *to, const struct cm_kpi_moments *more);
static inline void cm_labels_add_one(struct cm_kpi_moments *to, double value)
{
    to->n++;
    to->sum += value;
    to->sum_sq += value * value;
}

/* The world has changed. */
void cm_labels_forget_masses(struct cm_labels *l);
/* The labels that come in the block (from, until], as items and added to its totals. */
void cm_labels_draw(struct cm_labels *l, struct cm_label_series *s, const cm_time block[2],
                    struct cm_kpi_moments *total);
void cm_labels_collect(const struct cm_labels *l, struct cm_label_series *s, cm_time until,
                       struct cm_kpi_moments *total);
/* Adds to `rows` those of items first .. end - 1, of the block, that have come by `at`. */
void cm_labels_part(const struct cm_labels *l, const struct cm_label_series *s,
                    const uint64_t items[2], const cm_time block[2], cm_time at,
                    struct cm_kpi_moments *rows);

#endif
