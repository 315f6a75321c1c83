/* Adapters of Argo Rollouts' cases: a function a kind, a table a group (argo_groups.def).
 *
 * An adapter reads `in`, runs our code, and compares what `expect` asks for; every member of
 * `expect` has to be compared. Times are seconds. */
#ifndef ARGO_H
#define ARGO_H

#include "sim/controllers/argo_analysis.h"
#include "tests/oracle/inputs.h"

struct argo_case {
    struct inputs in, expect;
    size_t asked;        /* members of expect that were compared */
    const char *skipped; /* why, if the adapter has no answer */
    char wrong[400];     /* the first disagreement */
};
struct argo_kind {
    const char *name;
    void (*answer)(struct argo_case *c);
};
#define ARGO_GROUP(name) extern const struct argo_kind argo_##name##_kinds[]; /* NULL-ended */
#include "tests/oracle/argo_groups.def"
#undef ARGO_GROUP

void argo_disagree(struct argo_case *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Each compares one member of `expect`, which must be there. */
void argo_text(struct argo_case *c, const char *key, const char *got);
void argo_flag(struct argo_case *c, const char *key, bool got);
void argo_number(struct argo_case *c, const char *key, double got);
/* Whether `expect` has the member, so that it must be compared. */
bool argo_asks(const struct argo_case *c, const char *key);
/* The member is null, as it should be if `absent`; to compare otherwise if it answers false. */
bool argo_null(struct argo_case *c, const char *key, bool absent);

/* A whole number; null, missing = CM_ARGO_UNSET; a text that is no number = 0, as Argo reads it. */
int64_t argo_int(struct inputs *in, const char *key);
/* Seconds; null, missing = CM_NO_DURATION; what cannot be read = CM_ARGO_BAD_TIME. */
cm_time argo_seconds(struct inputs *in, const char *key);
/* Seconds, which must be there. */
cm_time argo_instant(struct inputs *in, const char *key);
/* As Go's time.ParseDuration; false if it refuses. */
bool argo_go_duration(const char *text, cm_time *out);
enum cm_argo_phase argo_phase(struct inputs *in, const char *key);
/* The members of an object as an input of its own, whose mistakes are to be handed up. */
struct inputs argo_inside(const json_t *object);
void argo_hand_up(struct argo_case *c, struct inputs *inside);

struct cm_argo_metric argo_metric(struct inputs *in);
struct cm_argo_counts argo_counts(const json_t *object);

enum { ARGO_METRICS = 32 };
struct argo_run {
    struct cm_argo_metric metrics[ARGO_METRICS];
    struct cm_argo_spec spec;
    struct cm_argo_run *run;            /* the arena's */
    const char *messages[ARGO_METRICS]; /* of the provider; NULL = none */
};
/* Reads the metrics alone, into a run that has not begun. */
void argo_metrics_read(struct argo_case *c, struct argo_run *r);
/* Reads metrics, results, dry_run, terminate and started_at. */
void argo_run_read(struct argo_case *c, struct argo_run *r);
/* Compares message and metric_phases if they are asked for. */
void argo_run_compare(struct argo_case *c, const struct argo_run *r);
/* The strings of a list; their number. */
size_t argo_strings(struct argo_case *c, const char *key, const char **out, size_t most);
/* The indices of the metrics for which `chosen` holds, as names, against a list of names. */
void argo_names(struct argo_case *c, const char *key, const struct argo_run *r, const bool *chosen);

#endif
