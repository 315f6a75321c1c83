/* Labels one by one: each request of a batch brings its own, known at once or later (pending.h).
 * Streams belong to the stretch in which the requests arrive, as the requests' own do, so that
 * labels move nobody's numbers. */
#include <math.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/engine/labels.h"
#include "sim/engine/requests.h"

/* --- pending --- */

static void push(struct cm_label_series *s, const struct cm_kpi_label *label)
{
    uint64_t bits;
    memcpy(&bits, &label->value, sizeof bits);
    cm_pending_push(&s->pending[label->row], label->at, bits);
}

static void reserve(struct cm_label_series *s, size_t n)
{
    if (n <= s->room_items)
        return;
    s->room_items = 2 * n + 64;
    s->labels = cm_grow(s->labels, s->room_items, sizeof *s->labels);
}

static void collect_row(struct cm_label_series *s, size_t row, cm_time until,
                        struct cm_kpi_moments *total)
{
    struct cm_pending *pending = &s->pending[row];
    cm_pending_take(pending, until);
    reserve(s, (size_t)(s->n - s->first) + pending->taken.n);
    for (size_t i = 0; i < pending->taken.n; i++) {
        struct cm_kpi_label label = {.at = pending->taken.entry[i].at, .row = row};
        memcpy(&label.value, &pending->taken.entry[i].what, sizeof label.value);
        s->labels[s->n++ - s->first] = label;
        cm_labels_add_one(total, label.value);
    }
}

void cm_labels_collect(const struct cm_labels *l, struct cm_label_series *s, cm_time until,
                       struct cm_kpi_moments *total)
{
    for (size_t row = 0; row < l->n_rows; row++)
        collect_row(s, row, until, &total[row]);
}

/* --- requests --- */

void cm_labels_stretch(struct cm_labels *l, cm_time from, cm_time until)
{
    uint64_t block = cm_rng_mix2((uint64_t)from, (uint64_t)until);
    for (size_t i = 0; i < l->n_series; i++)
        l->series[i].stream =
            cm_rng_stream(l->plan->scenario->run.seed, l->replication, l->series[i].purpose, block);
}

static cm_time later(cm_time at, double seconds)
{
    double ns = fmax(0, seconds * 1e9 + 0.5);
    return cm_later(at, (cm_time)fmin(ns, CM_REQUESTS_LONGEST_NS));
}

/* One request answered right; `law` is that of its row. */
static void label_kpi(struct cm_label_series *s, const struct cm_kpi_law *law,
                      struct cm_kpi_label label, double latency_s)
{
    struct cm_rng *rng = &s->stream;
    if (s->kpi->kpi.sampling < 1 && cm_rng_unit(rng) >= s->kpi->kpi.sampling)
        return;
    label.value = cm_kpi_law_draw(law, rng);
    double delay_s = latency_s;
    if (s->delay != CM_WITH_ANSWER)
        delay_s = cm_law_draw(&s->kpi->kpi.delay, rng);
    label.at = later(label.at, delay_s);
    push(s, &label);
}

/* The laws of a KPI's labels in each arm and class. */
static void set_laws(struct cm_labels *l, struct cm_label_series *s, const struct cm_requests *r,
                     const struct cm_piece *piece)
{
    const struct cm_terms *t = &r->terms;
    if (l->room_law < t->n_arms * l->n_classes) {
        l->room_law = t->n_arms * l->n_classes;
        l->law = cm_grow(l->law, l->room_law, sizeof *l->law);
    }
    for (size_t a = 0; a < t->n_arms; a++)
        for (size_t class = 0; class < l->n_classes; class ++) {
            bool matches = (int)class == piece->match; /* then no version has parts */
            size_t version = matches ? CM_CANARY : t->arm[a].version;
            double level = cm_labels_level(l, piece, version * l->n_classes + class,
                                           matches ? 0 : t->arm[a].part);
            l->law[a * l->n_classes + class] = cm_labels_law(s, level);
        }
}

/* A batch that has been served, for one series. */
static void label_batch(struct cm_labels *l, struct cm_label_series *s, const struct cm_requests *r,
                        const struct cm_piece *piece)
{
    const struct cm_batch *b = &r->batch;
    if (s->kpi)
        set_laws(l, s, r, piece);
    for (size_t i = 0; i < b->n; i++) {
        size_t arm = cm_terms_arm(&r->terms, b->u[i]);
        const struct cm_terms_row *terms = cm_terms_row(&r->terms, b->kind[i], arm);
        size_t class = b->kinds[b->kind[i]].class, row = terms->version * l->n_classes + class;
        bool fails = b->u[i] < terms->fails;
        struct cm_kpi_label label = {.at = b->at[i], .value = r->latency_s[i], .row = row};
        if (!s->kpi) {
            label.value = fmax(0, label.value);
            label.at = later(label.at, label.value);
            push(s, &label);
        } else if (!fails && cm_labels_cover(s, class)) {
            size_t law = l->law[arm * l->n_classes + class];
            label_kpi(s, &s->laws[law].law, label, label.value);
        }
    }
}

void cm_labels_batch(struct cm_labels *l, const struct cm_requests *r, const struct cm_piece *piece)
{
    for (size_t i = 0; i < l->n_series && !l->over; i++)
        label_batch(l, &l->series[i], r, piece);
}
