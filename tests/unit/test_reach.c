/* Lines: pieces that are summed up give the means that the general formula gives piece by piece. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "tests/unit/made_world.h"

/* Classes, an objective, a leak, incidents, warm-up; pods on machines of their own, which restart:
 * parts with shapes and error rates of their own. Cells of the grid of traffic take 1 s. */
#define LIVELY                                                                                     \
    "[traffic]\narrivals = gamma_poisson\nrate = 10 rps\ndispersion = 5\ncorrelation = 8s\n"       \
    "window = 10s\n[environment]\ndrift = 0.5\ncorrelation = 24s\n"                                \
    "incident_every = 15s\nincident_lasts = fixed(value=4s)\nincident_latency = x1.2\n"            \
    "[service]\nerror_rate = 3%\nlatency_slo = 30ms\nwarm_up = 3500ms\nwarm_up_latency = x1.5\n"   \
    "latency = lognormal(median=20ms, sigma=0.4)\n"                                                \
    "[class.a]\nshare = 30%\nerror_rate = 6%\nlatency = exponential(mean=6ms)\n"                   \
    "[defect.bad]\nprofile = leak\nonset = 20s\ndoubles_every = 5s\nfull_after = 20s\n"            \
    "error_rate = x4\nlatency = x1.3\nslow_share = 10%\nslow_latency = x3\nspill = 20%\n"          \
    "[telemetry]\nbuckets = 6ms, 18ms, 24ms, 30ms, 45ms, 1s\n"                                     \
    "[metric.m]\nsignal = latency_quantile\n[policy.p]\nsteps = 50%/1m\n"
#define PODS                                                                                       \
    "[pods]\nstable = 2\ncanary = 2\nrestart_every = 9s\nstart_up = fixed(value=700ms)\n"          \
    "error_noise = 0.5\nlatency_noise = 0.2\n"

static void open_lively(struct fixture *f, const char *text, uint64_t replication)
{
    open_world(f, text);
    cm_world_begin(&f->world, replication);
    route_at(f, 3, 0.2);
    route_at(f, 11.25, 0.6);
    route_at(f, 30, 0.1);
    cm_world_extend(&f->world, 45 * CM_SECOND);
}

/* What a row answers in a window, as the sum over every part of every piece there is, at the
 * pieces' own seconds: by outcome; of the exposed; of the failures by the defect; slow by it. */
enum { BY_DEFECT = CM_OUTCOMES, SLOWED, EXPOSED, PLAIN = EXPOSED + CM_OUTCOMES };

static double plain_mass(const struct fixture *f, const struct cm_piece *p, size_t shape,
                         const struct cm_band *band, const cm_time window[2])
{
    const double arrive[2] = {cm_seconds(p->from - window[0]), cm_seconds(p->until - window[0])};
    const double answer[2] = {0, cm_seconds(window[1] - window[0])};
    return cm_shape_mass(&f->world.shapes.list[shape], band, arrive, answer);
}

static void add_plain(const struct fixture *f, const struct cm_piece *p, const size_t row[2],
                      size_t part, const cm_time window[2], double mean[CM_TEMPI][PLAIN])
{
    const struct cm_meets *meets = cm_piece_meets(&f->world, p, row, part);
    double rate = p->rate * cm_piece_split(p, row, part) * f->world.classes[row[1]].share;
    for (size_t tempo = 0; tempo < CM_TEMPI; tempo++) {
        const struct cm_shape *shape = &f->world.shapes.list[meets->shape];
        double all = rate * plain_mass(f, p, meets->shape, &shape->tempo[tempo], window);
        const double by_outcome[CM_OUTCOMES] = {all * (1 - meets->error), all * meets->error};
        for (size_t o = 0; o < CM_OUTCOMES; o++) {
            mean[tempo][o] += by_outcome[o];
            mean[tempo][EXPOSED + o] += cm_world_exposes(&f->world, p->from) ? by_outcome[o] : 0;
        }
        mean[tempo][BY_DEFECT] += all * fmax(0, meets->error - meets->healthy);
        const struct cm_band *slowed = &f->world.shapes.list[meets->slowed[tempo].shape].slowed;
        if (meets->slowed[tempo].share > 0) /* there are two of them as well */
            mean[tempo][SLOWED] += rate * meets->slowed[tempo].share *
                                   plain_mass(f, p, meets->slowed[tempo].shape, slowed, window);
    }
}

static void sum_plainly(const struct fixture *f, const size_t row[2], const cm_time window[2],
                        double mean[CM_TEMPI][PLAIN])
{
    memset(mean, 0, CM_TEMPI * sizeof *mean);
    for (size_t i = 0; i < f->world.n; i++) {
        const struct cm_piece *p = cm_world_piece(&f->world, i);
        for (size_t part = 0; part < cm_piece_parts(p, row[0]); part++)
            add_plain(f, p, row, part, window, mean);
    }
}

/* Sums of a few dozen terms, in another order. */
static void expect_same(double got, double want, double scale, const char *what)
{
    cr_expect(fabs(got - want) <= 1e-12 * scale, "%s: %.17g, not %.17g", what, got, want);
}

static void expect_plain(const struct fixture *f, const size_t row[2], const cm_time window[2],
                         const struct cm_means *m)
{
    double mean[CM_TEMPI][PLAIN], all = 0;
    sum_plainly(f, row, window, mean);
    for (size_t k = 0; k < CM_TEMPI * CM_OUTCOMES; k++)
        all += mean[k % CM_TEMPI][k / CM_TEMPI];
    for (size_t o = 0; o < CM_OUTCOMES; o++)
        for (size_t tempo = 0; tempo < CM_TEMPI; tempo++) {
            size_t cell = cm_cell(f->world.n_classes, row[0], row[1], o, tempo);
            expect_same(m->cell[cell], mean[tempo][o], all, "cell");
            if (row[0] == CM_CANARY)
                expect_same(m->exposed[row[1]][o][tempo], mean[tempo][EXPOSED + o], all, "exposed");
        }
    expect_same(m->failed_by_defect[row[0]][row[1]], mean[0][BY_DEFECT] + mean[1][BY_DEFECT], all,
                "failed by the defect");
    expect_same(m->slowed_by_defect[row[0]][row[1]], mean[0][SLOWED] + mean[1][SLOWED], all,
                "slowed by the defect");
}

/* What a cell answers in a node of the tree. */
static double plain_in_node(struct fixture *f, const struct cm_bucket_tree *tree, size_t cell,
                            size_t node, const cm_time window[2])
{
    const size_t row[2] = {cell / CM_ROW_CELLS / 2, cell / CM_ROW_CELLS % 2};
    enum cm_tempo tempo = (enum cm_tempo)(cell % CM_TEMPI);
    double mean = 0;
    for (size_t i = 0; i < f->world.n; i++) {
        const struct cm_piece *p = cm_world_piece(&f->world, i);
        for (size_t part = 0; part < cm_piece_parts(p, row[0]); part++) {
            const struct cm_meets *meets = cm_piece_meets(&f->world, p, row, part);
            bool ok = cell / CM_TEMPI % CM_OUTCOMES == CM_OK;
            mean += p->rate * cm_piece_split(p, row, part) * f->world.classes[row[1]].share *
                    (ok ? 1 - meets->error : meets->error) *
                    plain_mass(f, p, meets->shape,
                               &cm_shapes_ranges(&f->world.shapes, tree, meets->shape, tempo)[node],
                               window);
        }
    }
    return mean;
}

static void expect_groups(struct fixture *f, const cm_time window[2], const struct cm_means *m)
{
    struct cm_bucket_tree tree;
    cm_bucket_tree_init(&tree, f->world.shapes.edges, &f->scenario.service.latency);
    for (size_t cell = 0; cell < 4 * CM_ROW_CELLS; cell++)
        for (size_t g = 0; g < tree.n_groups; g++)
            expect_same(m->group[cell][g], plain_in_node(f, &tree, cell, tree.group[g], window),
                        10 * cm_seconds(window[1] - window[0]), "group");
}

/* Windows that begin and end on the grid, near it and anywhere, short and long. */
static void choose_window(struct cm_rng *rng, cm_time window[2])
{
    cm_time length = (1 + (cm_time)(cm_rng_unit(rng) * 8)) * CM_SECOND / 2;
    window[0] = (cm_time)(cm_rng_unit(rng) * 38) * CM_SECOND;
    if (cm_rng_unit(rng) < 0.5)
        window[0] += (cm_time)(cm_rng_unit(rng) * 1e9);
    if (cm_rng_unit(rng) < 0.3)
        length = (cm_time)(1e6 + cm_rng_unit(rng) * 1e9);
    window[1] = window[0] + length;
}

static const char *const lively[] = {LIVELY, LIVELY PODS};

Test(reach, lines_and_the_general_formula_give_the_same)
{
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("test.reach"), 0);
    for (uint64_t i = 0; i < 6; i++) {
        struct fixture f = {0};
        open_lively(&f, lively[i % 2], i);
        for (int round = 0; round < 60; round++) {
            struct cm_means m;
            cm_time window[2];
            choose_window(&rng, window);
            fill_means(&f, window[0], window[1], &m);
            for (size_t row = 0; row < 4; row++)
                expect_plain(&f, (size_t[2]){row / 2, row % 2}, window, &m);
            expect_groups(&f, window, &m);
        }
        close_world(&f);
    }
}

/* Which part of a band is left of a cut, by the course and by a visit of every piece. */
static void expect_shares(struct fixture *f, const struct cm_bucket_tree *tree, size_t row,
                          const cm_time window[2], const struct cm_course *course)
{
    for (size_t k = 0; k < tree->n * CM_TEMPI; k++) {
        const struct cm_children c = {tree, row, k / CM_TEMPI, (enum cm_tempo)(k % CM_TEMPI)};
        const struct cm_bucket_node *node = &tree->node[c.node];
        const struct cm_band *range =
            cm_shapes_ranges(&f->world.shapes, tree, course->shape, c.tempo);
        double means[CM_OUTCOMES][2];
        if (node->left == 0)
            continue;
        cm_means_of_children(&f->world, &c, window, means);
        if (!course->tells) { /* of both outcomes */
            means[CM_OK][0] += means[CM_ERROR_ANSWER][0];
            means[CM_OK][1] += means[CM_ERROR_ANSWER][1];
        }
        for (size_t o = 0; o <= (size_t)course->tells; o++) {
            double all = course->inside[o] + fabs(course->in_flight[o]);
            expect_same(cm_course_mean(course, o, &range[node->left]), means[o][0], all, "left");
            expect_same(cm_course_mean(course, o, &range[node->right]), means[o][1], all, "right");
        }
    }
}

/* Of the windows, some are simple for a row and some are not. */
Test(reach, a_simple_course_knows_every_band)
{
    struct cm_rng rng = cm_rng_stream(1, 0, cm_rng_purpose("test.reach"), 1);
    int simple = 0, tell = 0, all = 0;
    for (uint64_t i = 0; i < 6; i++) {
        struct fixture f = {0};
        struct cm_bucket_tree tree;
        open_lively(&f, lively[i % 2], i);
        cm_bucket_tree_init(&tree, f.world.shapes.edges, &f.scenario.service.latency);
        for (int round = 0; round < 60; round++) {
            struct cm_means m;
            cm_time window[2];
            choose_window(&rng, window);
            fill_means(&f, window[0], window[1], &m);
            for (size_t row = 0; row < 4; row++, all++) {
                if (m.course[row].shape == CM_NO_SHAPE)
                    continue;
                expect_shares(&f, &tree, row, window, &m.course[row]);
                simple++;
                tell += m.course[row].tells;
            }
        }
        close_world(&f);
    }
    cr_expect(simple > all / 10 && all - simple > all / 10, "%d of %d", simple, all);
    cr_expect(tell > simple / 10 && simple - tell > simple / 10, "%d of %d", tell, simple);
}
