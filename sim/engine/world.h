/* The world: everything that a request meets on arrival, as a path of pieces.
 *
 * Traffic, weather, the defect's profile and the route each change at their own instants; between
 * two of them nothing changes for an arriving request. A piece is such a stretch. Pieces are made
 * in order, never beyond the instant asked for, since the route is decided as time passes; those
 * that can still matter (in flight, or inside a window) are kept in a ring.
 *
 * Every path draws from its own stream of (seed, replication): policies meet the same world. */
#ifndef CM_WORLD_H
#define CM_WORLD_H

#include "sim/engine/crowd.h"
#include "sim/engine/pods.h"
#include "sim/engine/shape.h"

#define CM_CLASSES_MAX 16 /* the declared ones and the rest */

/* What a request of one version and class meets. */
struct cm_meets {
    double error, healthy;                /* probability of failing; without the defect */
    double healthy_times, healthy_plus_s; /* its pace without the defect */
    size_t shape;                         /* of its latency */
    /* Slow answers that a healthy version gives in time: a share of all answers that have a shape,
     * where they fall into its `slowed`. */
    struct {
        double share;
        size_t shape;
    } slowed[2];
};

struct cm_parts_pod {
    int part;      /* -1 = it gets no requests */
    uint64_t life; /* 0 = it is not up; a pod that comes back has another one */
    uint64_t made; /* a pod in the place of another one has another number */
};

/* The pods of one version where they differ: those that answer alike are a part of it. */
struct cm_parts {
    size_t n, room;         /* n = 0: all answer alike, as the piece's meets say */
    double *share;          /* owned; of the version's requests, adds to 1 */
    struct cm_meets *meets; /* owned; n_classes a part */
    double *level;          /* owned; of the defect, by part */
    /* By pod, for monitors that read them. */
    size_t n_pods, balanced;   /* so many of them get requests */
    uint64_t changes;          /* of who is up; as long as it is the same, nobody comes or goes */
    struct cm_parts_pod *pods; /* owned */
    double *error;             /* owned; n_classes a pod */
};

struct cm_piece {
    cm_time from, until;
    double rate;                               /* requests per second, all versions */
    bool same;                                 /* nothing else differs from the piece before */
    uint64_t count;                            /* of the recorded step; 0 for intensities */
    cm_time step_from, step_until;             /* the recorded step; CM_NEVER for intensities */
    double share[CM_VERSIONS];                 /* the route */
    double split[CM_CLASSES_MAX][CM_VERSIONS]; /* what comes of it: of each class's requests */
    double mirror;                             /* share of stable's that the canary gets, too */
    int match;                                 /* class that goes to the canary whole; -1 */
    double level[CM_VERSIONS]; /* of the defect, for requests in its scope; of parts, the average */
    struct cm_meets meets[CM_VERSIONS][CM_CLASSES_MAX]; /* of parts, the average */
    struct cm_parts parts[CM_VERSIONS];
};

struct cm_world_class {
    double share, error_rate;
    const struct cm_law *latency; /* borrowed */
};

struct cm_world {
    const struct cm_plan *plan;           /* borrowed */
    const struct cm_named_defect *defect; /* borrowed; NULL = healthy */
    struct cm_world_class classes[CM_CLASSES_MAX];
    size_t n_classes;  /* the last is the rest */
    size_t n_versions; /* of enum cm_arm, the first ones: a baseline serves under some policies */
    struct cm_shapes shapes;

    cm_time now;               /* pieces reach up to here */
    cm_time rests;             /* nothing changes before by itself */
    cm_time onset;             /* CM_NEVER until a request could be affected */
    double share[CM_VERSIONS]; /* the route, as far as there are pods for it */
    double ordered[CM_VERSIONS];
    struct cm_pods_path pods;
    struct cm_crowd crowd;
    double split[CM_CLASSES_MAX][CM_VERSIONS]; /* what comes of the route: of each class */
    double mirror;        /* share of stable's requests that the canary gets a copy of */
    int match;            /* class that goes to the canary whole; -1 = none */
    double reach;         /* the canary's of all requests, copies included */
    cm_time warm;         /* the canary is cold until then; CM_NEVER: not begun */
    cm_time pods_change;  /* when a pod has warmed up, or a leak in it has grown, next */
    bool changed, busier; /* since the last piece: what requests meet; how many there are */
    struct cm_stretch stretch;
    struct cm_weather weather;
    struct cm_weather_path weather_path;
    struct cm_strength strength;
    double labelled_s; /* the longest that a request matters after its arrival, for its labels */
    void *arrivals_state, *profile_state; /* owned */
    uint64_t start_purpose, arrivals_purpose, profile_purpose;

    struct cm_piece *ring; /* owned; a power of two */
    size_t room, first, n; /* pieces first .. first + n - 1, modulo room */
};

void cm_world_init(struct cm_world *w, const struct cm_plan *plan);
void cm_world_release(struct cm_world *w);

/* A new replication: all traffic on stable, from -history. */
void cm_world_begin(struct cm_world *w, uint64_t replication);

/* Shares of the versions from now on. */
void cm_world_split(struct cm_world *w, const double share[CM_VERSIONS]);
/* From the next split on: a class that goes to the canary whole, or -1, and a mirror. */
void cm_world_send(struct cm_world *w, int match, double mirror);
/* Brings pods up to w->now; shares follow from who is there. */
void cm_world_pods(struct cm_world *w);
/* Share to the canary from now on, the rest to stable. */
void cm_world_route(struct cm_world *w, double canary_share);

/* The canary is a new version again, and gets nothing yet: it will have to warm up. */
void cm_world_renew(struct cm_world *w);

/* Makes pieces up to `until`. */
void cm_world_extend(struct cm_world *w, cm_time until);

/* Makes pieces until a request could be affected, at most up to `limit`; returns the onset, or
 * CM_NEVER. */
cm_time cm_world_seek_onset(struct cm_world *w, cm_time limit);

/* Drops pieces of which nothing is in flight after `since`. */
void cm_world_forget(struct cm_world *w, cm_time since);

static inline const struct cm_piece *cm_world_piece(const struct cm_world *w, size_t i)
{
    return &w->ring[(w->first + i) & (w->room - 1)];
}

/* Parts of a version in a piece, at least one; what they get of its requests, what those meet. */
static inline size_t cm_piece_parts(const struct cm_piece *piece, size_t version)
{
    return piece->parts[version].n > 0 ? piece->parts[version].n : 1;
}

static inline double cm_piece_part(const struct cm_piece *piece, size_t version, size_t part)
{
    const struct cm_parts *parts = &piece->parts[version];
    return parts->n > 0 ? parts->share[part] : 1;
}

/* The defect's level there. */
static inline double cm_piece_level(const struct cm_piece *piece, size_t version, size_t part)
{
    const struct cm_parts *parts = &piece->parts[version];
    return parts->n > 0 ? parts->level[part] : piece->level[version];
}

/* Of a class's requests, those that go to a part of a version. */
static inline double cm_piece_split(const struct cm_piece *piece, const size_t row[2], size_t part)
{
    return piece->split[row[1]][row[0]] * cm_piece_part(piece, row[0], part);
}

static inline const struct cm_meets *cm_piece_meets(const struct cm_world *w,
                                                    const struct cm_piece *piece,
                                                    const size_t row[2], size_t part)
{
    const struct cm_parts *parts = &piece->parts[row[0]];
    return parts->n > 0 ? &parts->meets[part * w->n_classes + row[1]]
                        : &piece->meets[row[0]][row[1]];
}

/* What the requests of a version and class meet that go to one kind of pod. */
struct cm_host {
    size_t version;
    bool cold, failing, by_defect; /* failing: it has crashed, by the defect's doing or not */
    double level;                  /* of the defect there */
    double errors, latency;        /* its machine's factors */
};
struct cm_meets cm_world_meet(struct cm_world *w, const struct cm_host *host, size_t class);
/* Works out the parts of a piece, where pods differ. */
void cm_parts_fill(struct cm_world *w, struct cm_piece *piece, double level);
void cm_parts_release(struct cm_parts *parts);

/* When the last of the requests that arrived by now is answered. */
cm_time cm_world_drained(const struct cm_world *w);

/* Whether a request that the canary got then counts as exposed: from the onset on; of a healthy
 * release all do. */
bool cm_world_exposes(const struct cm_world *w, cm_time arrival);

#endif
