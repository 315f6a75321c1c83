/* Four paths side by side: traffic, weather, profile, warm-up; the nearest end of a stretch is the
 * end of the piece. */
#include "sim/engine/world.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/defects/effect.h"

static void init_classes(struct cm_world *w, const struct cm_scenario *s)
{
    double rest = 1;
    assert(s->n_classes < CM_CLASSES_MAX);
    for (size_t i = 0; i < s->n_classes; i++) {
        const struct cm_class *class = &s->classes[i].answer;
        w->classes[i] = (struct cm_world_class){
            .share = class->share,
            .error_rate = isnan(class->error_rate) ? s->service.error_rate : class->error_rate,
            .latency = class->latency.n > 0 ? &class->latency : &s->service.latency,
        };
        rest -= class->share;
    }
    w->n_classes = s->n_classes;
    w->classes[w->n_classes++] = (struct cm_world_class){
        .share = fmax(0, rest),
        .error_rate = s->service.error_rate,
        .latency = &s->service.latency,
    };
}

static size_t size_or_zero(size_t (*size)(const void *), const void *options)
{
    return size ? size(options) : 0;
}

/* Whether the policy deploys one; worlds of tests have none. */
static bool has_baseline(const struct cm_plan *plan)
{
    const struct cm_scenario *s = plan->scenario;
    return (size_t)plan->policy < s->n_policies && s->policies[plan->policy].control == CM_BASELINE;
}

void cm_world_init(struct cm_world *w, const struct cm_plan *plan)
{
    const struct cm_scenario *s = plan->scenario;
    *w = (struct cm_world){
        .plan = plan,
        .defect = plan->release >= 0 ? &s->defects[plan->release] : NULL,
        .start_purpose = cm_rng_purpose("scenario.start"),
        .arrivals_purpose = cm_rng_purpose("traffic.arrivals"),
        .profile_purpose = cm_rng_purpose("defect.profile"),
    };
    w->n_versions = has_baseline(plan) ? CM_VERSIONS : CM_VERSIONS - 1;
    init_classes(w, s);
    cm_crowd_init(&w->crowd, s);
    cm_pods_init(&w->pods, plan, w->n_versions);
    bool objective = s->service.latency_slo != CM_NO_DURATION;
    cm_shapes_init(&w->shapes, &s->telemetry.buckets,
                   objective ? cm_seconds(s->service.latency_slo) : INFINITY);
    w->arrivals_state = cm_alloc(size_or_zero(s->arrivals->state_size, s->arrivals_options) + 1);
    if (w->defect)
        w->profile_state =
            cm_alloc(size_or_zero(w->defect->profile->state_size, w->defect->options) + 1);
}

void cm_world_release(struct cm_world *w)
{
    for (size_t i = 0; i < w->room; i++)
        for (size_t v = 0; v < CM_VERSIONS; v++)
            cm_parts_release(&w->ring[i].parts[v]);
    cm_pods_release(&w->pods);
    cm_shapes_release(&w->shapes);
    cm_crowd_release(&w->crowd);
    cm_free(w->arrivals_state);
    cm_free(w->profile_state);
    cm_free(w->ring);
    *w = (struct cm_world){0};
}

/* What the clock of the traffic shows when the release is created. */
static cm_time draw_origin(const struct cm_world *w, uint64_t replication)
{
    const struct cm_scenario *s = w->plan->scenario;
    cm_time span = s->arrivals->span ? s->arrivals->span(s->arrivals_options) : 0;
    struct cm_rng rng = cm_rng_stream(s->run.seed, replication, w->start_purpose, 0);
    double unit = cm_rng_unit(&rng);
    if (!s->arrivals->repeats)
        return span > 0
                   ? s->history + (cm_time)(unit * (double)(span - s->history - s->run.horizon))
                   : 0;
    return s->run.start.random ? (cm_time)(unit * (double)span) : s->run.start.at;
}

void cm_world_begin(struct cm_world *w, uint64_t replication)
{
    const struct cm_scenario *s = w->plan->scenario;
    w->now = w->rests = -s->history;
    w->onset = w->warm = w->pods_change = CM_NEVER;
    memset(w->share, 0, sizeof w->share);
    w->share[CM_STABLE] = 1;
    memcpy(w->ordered, w->share, sizeof w->ordered);
    cm_pods_begin(&w->pods, replication, w->now);
    w->changed = true;
    w->first = w->n = 0;
    cm_crowd_begin(&w->crowd, replication, w->now);
    cm_crowd_split(&w->crowd, w->share, w->split, w->n_classes);
    w->reach = w->mirror = 0;
    w->match = -1;
    w->stretch.until = w->weather.until = w->now;
    w->strength = (struct cm_strength){.until = w->defect ? 0 : CM_NEVER};

    uint64_t seed = s->run.seed;
    struct cm_rng rng = cm_rng_stream(seed, replication, w->arrivals_purpose, 0);
    s->arrivals->start(s->arrivals_options, w->arrivals_state, w->now, draw_origin(w, replication),
                       &rng);
    cm_weather_start(&w->weather_path, &s->environment, seed, replication, w->now);
    if (w->defect && w->defect->profile->start) {
        rng = cm_rng_stream(seed, replication, w->profile_purpose, 0);
        w->defect->profile->start(w->defect->options, w->profile_state, &rng);
    }
}

/* The canary's share of all requests. */
static double true_share(const struct cm_world *w)
{
    double sum = 0;
    for (size_t c = 0; c < w->n_classes; c++)
        sum += w->classes[c].share * w->split[c][CM_CANARY];
    return sum;
}

void cm_world_send(struct cm_world *w, int match, double mirror)
{
    w->match = match;
    w->mirror = mirror;
}

/* Whatever the weight is, a class that matches has no other version. */
static void split_match(struct cm_world *w)
{
    if (w->match < 0)
        return;
    memset(w->split[w->match], 0, sizeof w->split[w->match]);
    w->split[w->match][CM_CANARY] = 1;
}

/* A version that no pod serves gets no traffic: stable keeps its share. */
static void share_by_weight(struct cm_world *w)
{
    for (size_t v = CM_CANARY; v < w->n_versions; v++) {
        bool served = !w->pods.on || cm_pods_balanced(&w->pods, v) > 0;
        w->share[v] = served ? w->ordered[v] : 0;
    }
    w->share[CM_STABLE] = w->ordered[CM_STABLE];
    for (size_t v = CM_CANARY; v < w->n_versions; v++)
        w->share[CM_STABLE] += w->ordered[v] - w->share[v];
}

/* Every pod that gets requests gets as many. */
static void share_by_pods(struct cm_world *w)
{
    size_t canary = cm_pods_balanced(&w->pods, CM_CANARY);
    size_t stable = cm_pods_balanced(&w->pods, CM_STABLE);
    w->share[CM_CANARY] = canary > 0 ? (double)canary / (double)(canary + stable) : 0;
    w->share[CM_STABLE] = 1 - w->share[CM_CANARY];
}

static void route(struct cm_world *w)
{
    bool by_pods = w->pods.on && w->plan->scenario->pods.routing == CM_ROUTE_REPLICAS;
    (by_pods ? share_by_pods : share_by_weight)(w);
    cm_crowd_split(&w->crowd, w->share, w->split, w->n_classes);
    split_match(w);
    w->reach = w->crowd.users || w->match >= 0 ? true_share(w) : w->share[CM_CANARY];
    cm_crowd_weigh(&w->crowd, w->now, w->share[CM_CANARY], w->reach);
    w->reach += w->mirror * w->share[CM_STABLE];
    w->changed = true;
    if (w->reach > 0 && w->warm == CM_NEVER)
        w->warm = cm_later(w->now, w->plan->scenario->service.warm_up);
}

void cm_world_pods(struct cm_world *w)
{
    if (w->pods.until > w->now)
        return;
    cm_pods_advance(&w->pods, w->now, w->strength.level);
    route(w);
}

/* A baseline is deployed with the canary, and as cold. */
void cm_world_split(struct cm_world *w, const double share[CM_VERSIONS])
{
    memcpy(w->ordered, share, sizeof w->ordered);
    if (w->pods.on) {
        cm_pods_advance(&w->pods, w->now, w->strength.level);
        if (w->plan->scenario->pods.routing == CM_ROUTE_REPLICAS)
            cm_pods_weigh(&w->pods, share[CM_CANARY], w->now);
    }
    route(w);
}

void cm_world_route(struct cm_world *w, double canary_share)
{
    const double share[CM_VERSIONS] = {[CM_STABLE] = 1 - canary_share, [CM_CANARY] = canary_share};
    cm_world_split(w, share);
}

void cm_world_renew(struct cm_world *w)
{
    w->warm = CM_NEVER;
    w->changed |= w->pods.on;
    cm_pods_renew(&w->pods, w->now);
}

/* Asks every path whose stretch has ended for its next one. */
static void refresh(struct cm_world *w)
{
    const struct cm_scenario *s = w->plan->scenario;
    if (w->stretch.until <= w->now) {
        w->stretch = s->arrivals->next(s->arrivals_options, w->arrivals_state, w->now);
        w->busier = true;
    }
    if (w->weather.until <= w->now) {
        w->weather = cm_weather_next(&w->weather_path, w->now);
        w->changed = true;
    }
    if (w->strength.until <= w->now) {
        w->strength = w->defect->profile->next(w->defect->options, w->profile_state, w->now);
        w->changed = true;
    }
    cm_world_pods(w);
    if (w->warm == w->now || w->pods_change <= w->now)
        w->changed = true;
}

/* How strong the defect is for the requests that arrive now; 0 while no request reaches it. */
static double level_now(const struct cm_world *w)
{
    if (!w->defect || w->reach <= 0 || w->now < 0)
        return 0;
    bool (*at_load)(const void *, double) = w->defect->profile->at_load;
    double rate = w->stretch.rate * w->reach;
    if (at_load && !at_load(w->defect->options, rate))
        return 0;
    return w->strength.level * w->plan->strength;
}

static bool in_scope(const struct cm_world *w, size_t class)
{
    int scope = w->defect->effect.scope.index;
    return scope < 0 || (size_t)scope == class;
}

static void note_onset(struct cm_world *w)
{
    if (w->onset != CM_NEVER || level_now(w) <= 0)
        return;
    int scope = w->defect->effect.scope.index;
    bool spills = w->defect->effect.spill > 0;
    if (scope < 0 || (w->classes[scope].share > 0 &&
                      (w->split[scope][CM_CANARY] > 0 || w->mirror > 0 || spills)))
        w->onset = w->now;
}

static void note_slowed(struct cm_world *w, const struct cm_law *law, const struct cm_pace *healthy,
                        const struct cm_pace *pace, struct cm_meets *meets)
{
    struct cm_slowed parts[2];
    cm_effect_slowed(law, healthy, pace, w->shapes.slo, parts);
    for (int i = 0; i < 2; i++) {
        if (parts[i].share <= 0 || parts[i].until <= w->shapes.slo)
            continue;
        meets->slowed[i].share = parts[i].share;
        meets->slowed[i].shape =
            cm_shapes_find_slowed(&w->shapes, law, &parts[i].pace, parts[i].until);
    }
}

/* A machine's factors stand between warm-up and defect; a crashed pod fails all requests. */
static struct cm_reply healthy_at(const struct cm_world *w, const struct cm_host *host,
                                  const struct cm_world_class *c)
{
    const struct cm_scenario *s = w->plan->scenario;
    struct cm_reply reply =
        cm_reply_healthy(&s->service, &s->environment, c->error_rate, &w->weather, host->cold);
    if (host->errors != 1)
        reply.error = fmin(1, reply.error * host->errors);
    if (host->latency != 1)
        reply.pace = cm_pace_changed(reply.pace, (struct cm_change){.times = host->latency});
    if (host->failing && !host->by_defect)
        reply.error = 1;
    return reply;
}

struct cm_meets cm_world_meet(struct cm_world *w, const struct cm_host *host, size_t class)
{
    const struct cm_world_class *c = &w->classes[class];
    size_t version = host->version;
    double level = host->level;
    struct cm_reply healthy = healthy_at(w, host, c);
    struct cm_reply reply = healthy;
    if (level > 0 && in_scope(w, class))
        reply = cm_effect_reply(&w->defect->effect, &healthy,
                                version == CM_CANARY ? level : level * w->defect->effect.spill);
    if (host->failing)
        reply.error = 1;
    struct cm_meets meets = {
        .error = reply.error,
        .healthy = healthy.error,
        .healthy_times = healthy.pace.times,
        .healthy_plus_s = healthy.pace.plus_s,
        .shape = cm_shapes_find(&w->shapes, c->latency, &reply.pace),
    };
    if (level > 0 && w->shapes.list[meets.shape].tempo[CM_SLOW].p > 0)
        note_slowed(w, c->latency, &healthy.pace, &reply.pace, &meets);
    return meets;
}

static struct cm_meets meet(struct cm_world *w, size_t version, size_t class, double level)
{
    const struct cm_host host = {
        .version = version,
        .cold = version != CM_STABLE && w->warm != CM_NEVER && w->now < w->warm,
        .level = level,
        .errors = 1,
        .latency = 1,
    };
    return cm_world_meet(w, &host, class);
}

static void grow(struct cm_world *w)
{
    size_t room = w->room ? 2 * w->room : 16;
    struct cm_piece *ring = cm_grow(NULL, room, sizeof *ring);
    memset(ring, 0, room * sizeof *ring);
    for (size_t i = 0; i < w->room; i++)
        ring[i] = w->ring[(w->first + i) & (w->room - 1)];
    cm_free(w->ring);
    w->ring = ring;
    w->room = room;
    w->first = 0;
}

/* The time after which nothing of a piece is unanswered, on a clock that has an end. */
static cm_time longest_of(const struct cm_world *w, const struct cm_piece *piece)
{
    const double century_s = 100 * 365.25 * 86400;
    double longest = 0;
    for (size_t version = 0; version < w->n_versions; version++)
        for (size_t class = 0; class < w->n_classes; class ++)
            for (size_t k = 0; k < cm_piece_parts(piece, version); k++) {
                const size_t row[2] = {version, class};
                size_t shape = cm_piece_meets(w, piece, row, k)->shape;
                longest = fmax(longest, w->shapes.list[shape].longest);
            }
    return cm_from_seconds(fmin(longest, century_s)) + 1;
}

/* What all requests of a new piece meet: where nothing has changed but how many they are, and no
 * defect minds that, what they met in the piece before. */
static void meet_all(struct cm_world *w, struct cm_piece *piece, double level)
{
    const struct cm_piece *before = w->n > 1 ? cm_world_piece(w, w->n - 2) : NULL;
    bool same = before && !w->changed && before->level[CM_CANARY] == level;
    piece->same = same && !w->pods.on;
    for (size_t version = 0; version < w->n_versions; version++) {
        piece->level[version] =
            w->defect && version != CM_CANARY ? level * w->defect->effect.spill : level;
        for (size_t class = 0; class < w->n_classes; class ++)
            piece->meets[version][class] =
                same ? before->meets[version][class] : meet(w, version, class, level);
    }
}

static void add_piece(struct cm_world *w)
{
    if (w->n == w->room)
        grow(w);
    struct cm_piece *piece = &w->ring[(w->first + w->n++) & (w->room - 1)];
    bool recorded = w->plan->scenario->arrivals->recorded;
    piece->rate = w->stretch.rate;
    piece->count = w->stretch.count;
    piece->step_from = recorded ? w->stretch.since : CM_NEVER;
    piece->step_until = recorded ? w->stretch.until : CM_NEVER;
    memcpy(piece->share, w->share, sizeof piece->share);
    piece->mirror = w->mirror;
    piece->match = w->match;
    memcpy(piece->split, w->split, w->n_classes * sizeof *piece->split);
    double level = level_now(w);
    meet_all(w, piece, level);
    if (w->pods.on)
        cm_parts_fill(w, piece, level);
    /* Stable is in flight when the history begins: as if it had always been so. */
    bool first = w->n == 1 && !recorded;
    piece->from = first ? w->now - longest_of(w, piece) : w->now;
    w->changed = w->busier = false;
}

static cm_time earlier(cm_time a, cm_time b)
{
    return a < b ? a : b;
}

/* The last piece holds up to then. */
static void go_on(struct cm_world *w, cm_time until)
{
    w->ring[(w->first + w->n - 1) & (w->room - 1)].until = until;
    w->now = until;
}

/* One piece, or the continuation of the last one. */
static void step(struct cm_world *w, cm_time until)
{
    refresh(w);
    note_onset(w);
    if (w->changed || w->busier)
        add_piece(w);
    cm_time next = earlier(earlier(w->stretch.until, w->weather.until), w->strength.until);
    if (w->warm > w->now)
        next = earlier(next, w->warm);
    next = earlier(next, earlier(w->pods.until, w->pods_change));
    w->rests = w->pods.on ? w->now : next; /* pods may be ordered at any time */
    go_on(w, earlier(next, until));
}

void cm_world_extend(struct cm_world *w, cm_time until)
{
    if (until <= w->rests && !w->changed && until > w->now) {
        go_on(w, until);
        return;
    }
    while (w->now < until)
        step(w, until);
}

cm_time cm_world_seek_onset(struct cm_world *w, cm_time limit)
{
    while (w->onset == CM_NEVER && w->now < limit) {
        refresh(w);
        note_onset(w);
        if (w->onset == CM_NEVER)
            step(w, limit);
    }
    return w->onset;
}

void cm_world_forget(struct cm_world *w, cm_time since)
{
    double longest = fmax(w->shapes.longest, w->labelled_s);
    while (w->n > 1 && cm_seconds(since - w->ring[w->first].until) > longest) {
        w->first = (w->first + 1) & (w->room - 1);
        w->n--;
    }
}

cm_time cm_world_drained(const struct cm_world *w)
{
    cm_time drained = w->now;
    for (size_t i = 0; i < w->n; i++) {
        const struct cm_piece *piece = cm_world_piece(w, i);
        cm_time end = cm_later(piece->until, longest_of(w, piece));
        drained = end > drained ? end : drained;
    }
    return drained;
}

bool cm_world_exposes(const struct cm_world *w, cm_time arrival)
{
    return !w->defect || arrival >= w->onset;
}
