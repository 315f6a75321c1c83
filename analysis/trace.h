/* A trace: one rollout, everything that happened in it, to be told.
 *
 *     struct cm_trace trace = {0};
 *     cm_trace_record(&trace, &plan, 3);
 *     cm_trace_write_text(&trace, &options, to);
 *     cm_trace_release(&trace);
 *
 * It is replication 3 of that cell as a study plays it: recording changes nothing. Events are kept,
 * not told at once, because a story needs to know what comes next: what was quiet, how it ends. */
#ifndef CM_TRACE_H
#define CM_TRACE_H

#include "sim/base/mem.h"
#include "sim/base/write.h"
#include "sim/engine/replicate.h"

enum cm_trace_what {
    CM_TRACE_LOOK, /* one gate, asked once */
    CM_TRACE_STEP,
    CM_TRACE_WEIGHT,
    CM_TRACE_PAUSE,
    CM_TRACE_SAY, /* the controller's own words */
    CM_TRACE_ONSET,
    CM_TRACE_PODS,   /* of a version, others are available than before */
    CM_TRACE_FINISH, /* the controller ends the rollout */
    CM_TRACE_PEOPLE, /* they notice what was promoted */
    CM_TRACE_HORIZON /* the observation ends before the story does */
};

/* What one metric showed: over its window, or by the counter steps since the gate's last look. */
struct cm_trace_signal {
    const struct cm_named_metric *metric; /* borrowed */
    cm_time from;                         /* it tells of (from, the look] */
    double before; /* share of that time from before the last change of the weight */
    struct cm_trace_arm {
        double value; /* in the metric's unit; NAN = none */
        enum cm_label state;
        uint64_t requests, errors;
    } arm[CM_ARMS];
};

struct cm_trace_look {
    const struct cm_named_gate *gate; /* borrowed */
    int number;                       /* of this gate's looks, from 1 */
    struct cm_verdict verdict;
    enum cm_arm control;
    bool windows;        /* signals are windows */
    cm_time counts_from; /* the counts of the evidence are of answers since; CM_NEVER = not known */
    cm_time step_since;
    struct cm_trace_signal *signals; /* the arena's */
    size_t n_signals;
};

struct cm_trace_event {
    enum cm_trace_what what;
    cm_time at;
    int step;                         /* from 1, once it has happened; 0 before the first */
    double canary_share;              /* once it has happened */
    const char *sentence;             /* of CM_TRACE_SAY */
    const char *form;                 /* that sentence before its blanks were filled */
    enum cm_end end;                  /* of CM_TRACE_FINISH */
    const struct cm_trace_look *look; /* of CM_TRACE_LOOK; the arena's */
    enum cm_arm arm;                  /* of CM_TRACE_PODS, and so is */
    struct cm_pods pods;
};

struct cm_trace {
    struct cm_plan plan;
    const struct cm_named_policy *policy;
    const struct cm_named_defect *defect; /* NULL = healthy */
    uint64_t replication;
    const char *history;           /* the file of a replay; NULL = a simulation */
    struct cm_trace_event *events; /* the arena's; in the order in which things happened */
    size_t n;
    struct cm_outcome outcome;
    struct cm_arena arena; /* owned */
};

/* Plays the replication and keeps what happens. The scenario has to outlive the trace. */
void cm_trace_record(struct cm_trace *t, const struct cm_plan *plan, uint64_t replication);
/* Its parts, for whoever plays rollouts otherwise: an observer that keeps what it is told in `t`,
 * until the end. */
struct cm_trace_recorder;
struct cm_trace_recorder *cm_trace_begin(struct cm_trace *t, const struct cm_plan *plan,
                                         uint64_t replication);
struct cm_observer cm_trace_observer(struct cm_trace_recorder *recorder);
void cm_trace_end(struct cm_trace_recorder *recorder);
void cm_trace_release(struct cm_trace *t); /* idempotent, safe on {0} */

/* Whether nobody minds the release: rolling it back is false. */
bool cm_trace_harmless(const struct cm_trace *t);

struct cm_trace_options {
    const char *version; /* of the program */
    const char *command; /* the command line; NULL = not said */
    bool all;            /* for people: every look, also where nothing changes */
};

/* For people, 100 columns wide. */
void cm_trace_write_text(const struct cm_trace *t, const struct cm_trace_options *options,
                         struct cm_writer to);
/* For programs: one JSON object a line. */
void cm_trace_write_jsonl(const struct cm_trace *t, const struct cm_trace_options *options,
                          struct cm_writer to);

#endif
