/* Blocks, the stretches of one piece in them, batches of some hundred requests in those.
 *
 * Most requests are answered in the block in which they arrive: they are counted at once, in no
 * order, and only the others wait (pending.h).
 *
 * Where load matters, each request that arrives has to know how many of its version are still
 * unanswered. The batch is then in order; an answer is counted between the two arrivals that it
 * falls between, which is where the sorted batch says it is, and taken off the number in flight
 * when the later of them arrives. Only what is answered after the batch waits. */
#include "sim/engine/requests.h"

#include <string.h>

#include "sim/base/mem.h"

/* Mean size of a batch: what fits into the nearest cache with all that goes with it. Under load
 * larger ones let fewer wait. */
#define BATCH            256
#define BATCH_UNDER_LOAD 512

void cm_requests_init(struct cm_requests *r, struct cm_world *w, struct cm_ledger *ledger)
{
    double per = w->plan->scenario->service.latency_load;
    *r = (struct cm_requests){
        .plan = w->plan,
        .world = w,
        .ledger = ledger,
        .underway_purpose = cm_rng_purpose("requests.underway"),
        .copy_purpose = cm_rng_purpose("requests.mirror"),
        .load_per_request = per > 0 ? 1 / per : 0,
    };
    cm_terms_init(&r->terms, w, ledger->n_buckets);
    cm_batch_init(&r->batch, w);
    cm_pending_clear(&r->pending);
    cm_journal_init(&r->journal, &r->terms.marks);
    r->of_mark = cm_alloc(cm_marks_count(&r->terms.marks) * sizeof *r->of_mark);
    r->visitors = cm_visitors_new(w, &r->terms.marks);
    ledger->journal = &r->journal;
}

void cm_requests_release(struct cm_requests *r)
{
    cm_terms_release(&r->terms);
    cm_batch_release(&r->batch);
    cm_pending_release(&r->pending);
    cm_journal_release(&r->journal);
    cm_visitors_free(r->visitors);
    cm_free(r->of_mark);
    cm_free(r->answered);
    cm_free(r->latency_s);
    *r = (struct cm_requests){0};
}

void cm_requests_begin(struct cm_requests *r, uint64_t replication)
{
    r->replication = replication;
    r->remaining = 0;
    r->step_until = CM_NEVER;
    r->copied = 0;
    memset(r->in_flight, 0, sizeof r->in_flight);
    cm_pending_clear(&r->pending);
    cm_journal_begin(&r->journal);
    if (r->visitors)
        cm_visitors_begin(r->visitors);
}

/* --- answers --- */

void cm_requests_wait(struct cm_requests *r, cm_time at, size_t mark, size_t version)
{
    cm_pending_push(&r->pending, at, mark);
    r->in_flight[version]++;
}

/* One of those on their way is answered; its version. */
static size_t answer(struct cm_requests *r, const struct cm_on_way *request)
{
    size_t mark = request->what;
    cm_journal_write(&r->journal, cm_entry(request->at - r->from, mark));
    r->of_mark[mark]++;
    return cm_mark_version(&r->terms.marks, mark);
}

static void answer_until(struct cm_requests *r, cm_time until)
{
    cm_pending_take(&r->pending, until);
    for (size_t i = 0; i < r->pending.taken.n; i++)
        r->in_flight[answer(r, &r->pending.taken.entry[i])]--;
}

/* When a request is answered that takes so long. */
static inline cm_time answered_at(cm_time arrived, double latency_s)
{
    double ns = latency_s * 1e9 + 0.5;
    ns = ns > 0 ? ns : 0;
    return arrived + (cm_time)(ns < CM_REQUESTS_LONGEST_NS ? ns : CM_REQUESTS_LONGEST_NS);
}

/* Nobody depends on anybody. Copies of what the loop needs stay in registers, and what `visitors`
 * need is left out where there are none. */
static inline void serve_all(struct cm_requests *r, struct cm_visitors *visitors)
{
    const struct cm_terms *t = &r->terms;
    const struct cm_batch *b = &r->batch;
    struct cm_journal journal = r->journal;
    struct cm_rng coins = b->stream[CM_SLOW_DOWN];
    uint64_t *of_mark = r->of_mark;
    cm_time from = r->from, until = r->until;
    double *latency_s = r->latency_s;
    for (size_t i = 0, n = b->n; i < n; i++) {
        double u = b->u[i], law = b->law_s[i];
        size_t arm = cm_terms_arm(t, u);
        const struct cm_terms_row *row = cm_terms_row(t, b->kind[i], arm);
        size_t version = row->version;
        bool slow = t->slows && cm_rng_unit(&coins) < row->slow_share;
        double latency = cm_terms_latency(row, law, slow);
        double healthy = row->healthy_times * law + row->healthy_plus_s;
        if (latency_s)
            latency_s[i] = latency;
        size_t mark = cm_terms_mark(t, row, u, latency, healthy);
        cm_time at = answered_at(b->at[i], latency);
        if (visitors)
            cm_visitors_answer(visitors, i, mark, (cm_time[2]){at, until});
        if (at > until) {
            cm_requests_wait(r, at, mark, version);
            continue;
        }
        of_mark[mark]++;
        cm_journal_write(&journal, cm_entry(at - from, mark));
    }
    r->journal = journal;
    r->batch.stream[CM_SLOW_DOWN] = coins;
}

static void serve(struct cm_requests *r)
{
    if (r->visitors)
        serve_all(r, r->visitors);
    else
        serve_all(r, NULL);
}

/* Those that are on their way when the batch begins, and answered before it ends. */
static void answer_during(struct cm_requests *r)
{
    const struct cm_batch *b = &r->batch;
    if (r->room_answered <= b->n) {
        r->room_answered = b->room;
        r->answered = cm_grow(r->answered, b->room, sizeof *r->answered);
        memset(r->answered, 0, b->room * sizeof *r->answered);
    }
    cm_pending_take(&r->pending, b->until);
    for (size_t i = 0; i < r->pending.taken.n; i++) {
        const struct cm_on_way *request = &r->pending.taken.entry[i];
        cm_time at = request->at > b->from ? request->at : b->from + 1; /* nobody came meanwhile */
        r->answered[cm_batch_first(b, at)][answer(r, request)]++;
    }
}

/* Those answered between this arrival and the one before are in flight no more; their counts are
 * cleared for the next batch. */
static inline void land(struct cm_requests *r, size_t i, size_t n_versions)
{
    uint32_t *answered = r->answered[i];
    for (size_t v = 0; v < n_versions; v++) {
        r->in_flight[v] -= answered[v];
        answered[v] = 0;
    }
}

/* As serve(), with a latency that depends on how many of the version are in flight. */
static void serve_under_load(struct cm_requests *r)
{
    const struct cm_terms *t = &r->terms;
    const struct cm_batch *b = &r->batch;
    struct cm_rng coins = b->stream[CM_SLOW_DOWN];
    size_t n_versions = r->world->n_versions;
    answer_during(r);
    struct cm_journal journal = r->journal;
    uint64_t *of_mark = r->of_mark;
    cm_time from = r->from, until = b->until;
    double *latency_s = r->latency_s;
    for (size_t i = 0, n = b->n; i < n; i++) {
        double u = b->u[i], law = b->law_s[i];
        size_t arm = cm_terms_arm(t, u);
        const struct cm_terms_row *row = cm_terms_row(t, b->kind[i], arm);
        size_t version = row->version;
        bool slow = t->slows && cm_rng_unit(&coins) < row->slow_share;
        land(r, i, n_versions);
        double load = 1 + (double)(int64_t)r->in_flight[version] * r->load_per_request;
        double latency = cm_terms_latency(row, law, slow) * load;
        double healthy = (row->healthy_times * law + row->healthy_plus_s) * load;
        if (latency_s)
            latency_s[i] = latency;
        size_t mark = cm_terms_mark(t, row, u, latency, healthy);
        cm_time at = answered_at(b->at[i], latency);
        if (r->visitors)
            cm_visitors_answer(r->visitors, i, mark, (cm_time[2]){at, r->until});
        if (at > until) {
            cm_requests_wait(r, at, mark, version);
            continue;
        }
        r->in_flight[version]++;
        r->answered[cm_batch_first(b, at)][version]++;
        of_mark[mark]++;
        cm_journal_write(&journal, cm_entry(at - from, mark));
    }
    land(r, b->n, n_versions);
    r->journal = journal;
    r->batch.stream[CM_SLOW_DOWN] = coins;
}

/* Room for the latencies of a batch, from which its labels are made. */
static void ready_labels(struct cm_requests *r)
{
    if (!r->labels || r->room_latency >= r->batch.room)
        return;
    r->room_latency = r->batch.room;
    r->latency_s = cm_grow(r->latency_s, r->room_latency, sizeof *r->latency_s);
}

/* --- arrivals --- */

/* Of those of the recorded step that have not arrived, the ones that do in [from, until). A step
 * that the history begins inside of has partly gone by. */
static uint64_t recorded(struct cm_requests *r, const struct cm_piece *piece, cm_time from,
                         cm_time until)
{
    struct cm_rng *rng = &r->batch.stream[CM_ARRIVE];
    double ahead = (double)(piece->step_until - from);
    if (r->step_until != piece->step_until) {
        r->step_until = piece->step_until;
        double length = (double)(piece->step_until - piece->step_from);
        r->remaining = cm_draw_binomial(rng, piece->count, ahead / length);
    }
    uint64_t n = cm_draw_binomial(rng, r->remaining, (double)(until - from) / ahead);
    r->remaining -= n;
    return n;
}

static uint64_t how_many(struct cm_requests *r, const struct cm_piece *piece, cm_time from,
                         cm_time until)
{
    if (piece->step_until != CM_NEVER)
        return recorded(r, piece, from, until);
    return cm_draw_poisson(&r->batch.stream[CM_ARRIVE], piece->rate * cm_seconds(until - from));
}

/* Copies to the canary of what stable got of a batch, each answered in its own time. */
static void mirror(struct cm_requests *r, double share)
{
    const struct cm_terms *t = &r->terms;
    const struct cm_batch *b = &r->batch;
    struct cm_rng *rng = &r->copies;
    for (size_t i = 0; i < b->n; i++) {
        size_t arm = cm_terms_arm(t, b->u[i]), kind = b->kind[i];
        bool stable = cm_terms_row(t, kind, arm)->version == CM_STABLE;
        if (!stable || cm_rng_unit(rng) >= share)
            continue;
        const struct cm_terms_row *row = &t->copy[kind];
        double u = cm_rng_unit(rng), law = b->kinds[kind].law->draw(b->kinds[kind].options, rng);
        bool slow = row->slow_share > 0 && cm_rng_unit(rng) < row->slow_share;
        double latency = cm_terms_latency(row, law, slow);
        size_t mark = cm_terms_mark(t, row, u, latency, latency);
        cm_time at = answered_at(b->at[i], latency);
        r->copied++;
        if (at > r->until) {
            cm_requests_wait(r, at, mark, CM_CANARY);
            continue;
        }
        r->of_mark[mark]++;
        cm_journal_write(&r->journal, cm_entry(at - r->from, mark));
    }
}

static void arrive(struct cm_requests *r, const struct cm_piece *piece, cm_time from, cm_time until)
{
    bool loaded = r->load_per_request > 0;
    bool in_order = loaded || (r->visitors && cm_visitors_in_order(r->visitors));
    double expected = piece->rate * cm_seconds(until - from);
    cm_terms_set(&r->terms, r->world, &r->batch, piece);
    cm_batch_streams(&r->batch, r->plan->scenario->run.seed, r->replication, from, until);
    r->copies = cm_rng_stream(r->plan->scenario->run.seed, r->replication, r->copy_purpose,
                              cm_rng_mix2((uint64_t)from, (uint64_t)until));
    if (r->visitors)
        cm_visitors_stream(r->visitors, from, until);
    if (r->labels)
        cm_labels_stretch(r->labels, from, until);
    int64_t batches = 1 + (int64_t)(expected / (loaded ? BATCH_UNDER_LOAD : BATCH));
    for (; batches > 0; batches--) {
        cm_time end = from + (until - from) / batches;
        uint64_t n = end > from ? how_many(r, piece, from, end) : 0;
        cm_journal_reserve(&r->journal, n + r->pending.n);
        cm_batch_draw(&r->batch, n, from, end, in_order);
        if (r->visitors && n > 0)
            cm_visitors_choose(r->visitors, &r->batch, piece);
        ready_labels(r);
        if (n > 0)
            (loaded ? serve_under_load : serve)(r);
        if (n > 0 && r->labels)
            cm_labels_batch(r->labels, r, piece);
        if (piece->mirror > 0) {
            cm_journal_reserve(&r->journal, n + r->pending.n);
            mirror(r, piece->mirror);
        }
        from = end;
    }
}

/* --- blocks --- */

static void arrive_all(struct cm_requests *r)
{
    const struct cm_world *w = r->world;
    for (size_t i = 0; i < w->n; i++) {
        const struct cm_piece *piece = cm_world_piece(w, i);
        cm_time begin = piece->from > r->from ? piece->from : r->from;
        cm_time end = piece->until < r->until ? piece->until : r->until;
        if (end > begin && piece->rate > 0)
            arrive(r, piece, begin, end);
    }
}

/* Counts are folded twice, since the ledger has room for buckets only once it has the block. */
static void append(struct cm_requests *r, struct cm_harm *account)
{
    uint64_t cells[CM_CELLS_MAX] = {0};
    cm_marks_fold(&r->terms.marks, r->of_mark, &(struct cm_tally){cells, NULL, account});
    cm_ledger_append(r->ledger, r->until, cells);
    if (r->ledger->n_buckets > 0)
        cm_marks_fold(&r->terms.marks, r->of_mark,
                      &(struct cm_tally){NULL, cm_ledger_buckets(r->ledger), NULL});
}

void cm_requests_draw(struct cm_requests *r, cm_time until, struct cm_harm *account)
{
    r->from = cm_ledger_now(r->ledger);
    r->until = until;
    memset(r->of_mark, 0, cm_marks_count(&r->terms.marks) * sizeof *r->of_mark);
    if (r->ledger->n == 0 && r->world->n > 0)
        cm_requests_underway(r, cm_world_piece(r->world, 0));
    arrive_all(r);
    cm_journal_reserve(&r->journal, r->pending.n);
    answer_until(r, until);
    append(r, account);
    if (r->visitors)
        cm_visitors_settle(r->visitors, until);
}

cm_time cm_requests_drained(const struct cm_requests *r, cm_time now)
{
    return cm_pending_last(&r->pending, now);
}
