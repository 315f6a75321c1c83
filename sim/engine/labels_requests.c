/* Labels one by one: each request of a batch brings its own, known at once or later. Those that are
 * known later wait in a heap. Streams belong to the stretch in which the requests arrive, as the
 * requests' own do, so that labels move nobody's numbers. */
#include <math.h>

#include "sim/base/mem.h"
#include "sim/engine/labels.h"
#include "sim/engine/requests.h"

/* --- pending --- */

/* The sum over a heap of doubles depends on their order: equal instants are ordered, too. */
static bool before(const struct cm_kpi_label *a, const struct cm_kpi_label *b)
{
    if (a->at != b->at)
        return a->at < b->at;
    return a->row != b->row ? a->row < b->row : a->value < b->value;
}

static void push(struct cm_label_series *s, struct cm_kpi_label label)
{
    if (s->n_pending == s->room_pending) {
        s->room_pending = 2 * s->room_pending + 64;
        s->pending = cm_grow(s->pending, s->room_pending, sizeof *s->pending);
    }
    struct cm_kpi_label *heap = s->pending;
    size_t i = s->n_pending++;
    for (; i > 0 && before(&label, &heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = label;
}

static struct cm_kpi_label pop(struct cm_label_series *s)
{
    struct cm_kpi_label *heap = s->pending, next = heap[0], last = heap[--s->n_pending];
    size_t n = s->n_pending, hole = 0;
    for (size_t child = 1; child < n; child = 2 * hole + 1) {
        if (child + 1 < n && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &last))
            break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = last;
    return next;
}

void cm_labels_collect(struct cm_label_series *s, cm_time until, struct cm_kpi_moments *total)
{
    while (s->n_pending > 0 && s->pending[0].at <= until) {
        struct cm_kpi_label label = pop(s);
        size_t n = (size_t)(s->n - s->first);
        if (n == s->room_items) {
            s->room_items = 2 * n + 64;
            s->labels = cm_grow(s->labels, s->room_items, sizeof *s->labels);
        }
        s->labels[n] = label;
        s->n++;
        struct cm_kpi_moments one = {1, label.value, label.value * label.value};
        cm_labels_add(&total[label.row], &one);
    }
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
    push(s, label);
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
            push(s, label);
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
