/* Means: in agreement with each other, with closed forms, and with the plain sum over all pieces.
 */
#include <criterion/criterion.h>
#include <math.h>

#include "tests/unit/made_world.h"

/* Over outcomes and tempi. */
static double exposed(const struct cm_means *m, size_t class)
{
    const double(*e)[CM_TEMPI] = m->exposed[class];
    return e[0][0] + e[0][1] + e[1][0] + e[1][1];
}

static bool close_to(double a, double b)
{
    return fabs(a - b) <= 1e-7 * (fabs(a) + fabs(b)) + 1e-9;
}

/* --- closed forms ----------------------------------------------------------------------------- */

#define POLICY                                                                                     \
    "[telemetry]\nbuckets = 1s, 3s, 8s, 20s\n[metric.m]\nsignal = latency_quantile\n"              \
    "[policy.p]\nsteps = 50%/1m\n"

/* Rate 10/s, a canary that gets 0.4 of it from 5 s on, answers exponential of mean 4 s: within
 * (a, b] it answers 4 ((b - a) - 4 (e^-((a-5)/4) - e^-((b-5)/4))). */
static double answered(double a, double b)
{
    return 4 * ((b - a) - 4 * (exp(-(a - 5) / 4) - exp(-(b - 5) / 4)));
}

#define SLOW                                                                                       \
    "[traffic]\nrate = 10 rps\n[service]\nerror_rate = 5%\nlatency_slo = 6s\n"                     \
    "latency = exponential(mean=4s)\n"

Test(means, answers_are_arrivals_displaced_by_their_latency)
{
    struct fixture f = {0};
    struct cm_means m;
    open_world(&f, SLOW POLICY);
    route_at(&f, 5, 0.4);
    cm_world_extend(&f.world, 40 * CM_SECOND);
    static const double window[][2] = {{5, 6}, {5, 40}, {7, 9.5}, {30, 40}};
    for (size_t i = 0; i < sizeof window / sizeof window[0]; i++) {
        double a = window[i][0], b = window[i][1], all = answered(a, b), seen = 0, errors = 0;
        fill_means(&f, cm_from_seconds(a), cm_from_seconds(b), &m);
        for (size_t tempo = 0; tempo < CM_TEMPI; tempo++) {
            seen += m.cell[cm_cell(1, CM_CANARY, 0, CM_OK, tempo)];
            errors += m.cell[cm_cell(1, CM_CANARY, 0, CM_ERROR_ANSWER, tempo)];
        }
        cr_expect(close_to(errors, 0.05 * all), "(%g, %g]: %g, not %g", a, b, errors, 0.05 * all);
        cr_expect(close_to(seen, 0.95 * all), "(%g, %g]: %g, not %g", a, b, seen, 0.95 * all);
        cr_expect(close_to(exposed(&m, 0), all)); /* of a healthy release all count */
        cr_expect_eq(m.failed_by_defect[CM_CANARY][0], 0);
        cr_expect_eq(m.slowed_by_defect[CM_CANARY][0], 0);
    }
    close_world(&f);
}

/* Slow ones arrived more than 6 s before: the canary's first come at 11 s. After a long time
 * P(L > 6) of what arrives is slow. */
Test(means, slow_answers_come_late)
{
    struct fixture f = {0};
    struct cm_means m;
    size_t slow = cm_cell(1, CM_CANARY, 0, CM_OK, CM_SLOW);
    size_t stable = cm_cell(1, CM_STABLE, 0, CM_OK, CM_SLOW);
    open_world(&f, SLOW POLICY);
    route_at(&f, 5, 0.4);
    cm_world_extend(&f.world, 400 * CM_SECOND);
    fill_means(&f, 0, 11 * CM_SECOND, &m);
    cr_expect_eq(m.cell[slow], 0);
    /* Stable lost part of its arrivals at 5 s, of its slow answers from 11 s on. */
    cr_expect(close_to(m.cell[stable], 10 * 0.95 * exp(-1.5) * 11), "%g", m.cell[stable]);
    fill_means(&f, 390 * CM_SECOND, 400 * CM_SECOND, &m);
    cr_expect(close_to(m.cell[slow], 10 * 0.4 * 0.95 * exp(-1.5) * 10), "%g", m.cell[slow]);
    close_world(&f);
}

/* What is in flight when the route is taken away is still answered, and what it did is harm. */
Test(means, harm_is_counted_with_the_answer)
{
    struct fixture f = {0};
    struct cm_means m;
    open_world(&f, SLOW "[defect.bad]\nerror_rate = +15pp\nlatency = x2\nonset = 10s\n"
                        "spill = 50%\n" POLICY);
    route_at(&f, 5, 0.4);
    route_at(&f, 30, 0);
    cm_world_extend(&f.world, 31 * CM_SECOND);
    fill_means(&f, 0, 1000 * CM_SECOND, &m);
    cr_expect(close_to(exposed(&m, 0), 4 * 20), "%g", exposed(&m, 0));
    cr_expect(close_to(m.failed_by_defect[CM_CANARY][0], 4 * 20 * 0.15));
    cr_expect(close_to(m.failed_by_defect[CM_STABLE][0], 6 * 20 * 0.075));
    /* Slower than 6 s: exp(-6 / 4k) at k times the latency. */
    cr_expect(close_to(m.slowed_by_defect[CM_CANARY][0], 4 * 20 * (exp(-0.75) - exp(-1.5))));
    cr_expect(close_to(m.slowed_by_defect[CM_STABLE][0], 6 * 20 * (exp(-1.0) - exp(-1.5))));
    fill_means(&f, 0, 10 * CM_SECOND, &m);
    cr_expect_eq(exposed(&m, 0) + m.failed_by_defect[CM_CANARY][0], 0);
    close_world(&f);
}

/* --- agreement -------------------------------------------------------------------------------- */

/* Classes, a leak, warm-up, drift, bursts of traffic, three changes of the route. */
#define RESTLESS                                                                                   \
    "[traffic]\narrivals = gamma_poisson\nrate = 10 rps\ndispersion = 5\ncorrelation = 8s\n"       \
    "window = 10s\n[environment]\ndrift = 0.5\ncorrelation = 24s\n"                                \
    "[service]\nerror_rate = 3%\nlatency_slo = 3s\nlatency = gamma(mean=2s, shape=2)\n"            \
    "warm_up = 10s\nwarm_up_latency = x1.5\n"                                                      \
    "[class.a]\nshare = 30%\nerror_rate = 6%\nlatency = exponential(mean=1s)\n"                    \
    "[defect.bad]\nprofile = leak\nonset = 12s\ndoubles_every = 5s\nfull_after = 20s\n"            \
    "error_rate = x4\nlatency = x1.3\nslow_share = 10%\nslow_latency = x3\nspill = 20%\n"          \
    "scope = a\n" POLICY

static void open_restless(struct fixture *f)
{
    open_world(f, RESTLESS);
    route_at(f, 1.5, 0.2);
    route_at(f, 17, 0.6);
    route_at(f, 33, 0.1);
    cm_world_extend(&f->world, 50 * CM_SECOND);
}

/* Of one cell, in the two children of a node. */
static const double *in_children(struct fixture *f, const struct cm_bucket_tree *tree, size_t cell,
                                 size_t node, const cm_time window[2])
{
    static double means[CM_OUTCOMES][2];
    const struct cm_children children = {tree, cell / CM_ROW_CELLS, node,
                                         (enum cm_tempo)(cell % CM_TEMPI)};
    cm_means_of_children(&f->world, &children, window, means);
    return means[cell / CM_TEMPI % CM_OUTCOMES];
}

Test(means, every_way_to_ask_gives_the_same_mean)
{
    struct fixture f = {0};
    struct cm_means m;
    struct cm_bucket_tree tree;
    double node[CM_BUCKET_NODES_MAX], row[2][2][CM_BUCKETS_MAX] = {0};
    cm_time from = cm_from_seconds(13.7), until = cm_from_seconds(41.2);
    const cm_time window[2] = {from, until};
    open_restless(&f);
    cm_bucket_tree_init(&tree, f.world.shapes.edges, &f.scenario.service.latency);
    fill_means(&f, from, until, &m);
    for (size_t c = 0; c < cm_cell(2, f.world.n_versions, 0, 0, 0); c++) {
        node[0] = m.cell[c];
        for (size_t i = 0; i < tree.n; i++) {
            const struct cm_bucket_node *n = &tree.node[i];
            if (n->left == 0)
                continue;
            const double *half = in_children(&f, &tree, c, i, window);
            /* But for one answer in 10^7 (CM_SHAPE_REST). */
            cr_expect(fabs(half[0] + half[1] - node[i]) <= 3e-6 * m.cell[c],
                      "cell %zu: %g + %g, not %g", c, half[0], half[1], node[i]);
            node[n->left] = half[0];
            node[n->right] = half[1];
        }
        for (size_t g = 0; g < tree.n_groups; g++)
            cr_expect(fabs(m.group[c][g] - node[tree.group[g]]) <= 3e-6 * m.cell[c]);
        for (size_t b = 0; b < 5; b++)
            row[c / 8][c / 4 % 2][b] += node[tree.leaf[b]];
        cr_expect(m.cell[c] > 0);
        cr_expect(close_to(cm_mean_of_cell(&f.world, c, from, until), m.cell[c]), "cell %zu", c);
    }
    for (size_t v = 0; v < 2; v++)
        for (size_t class = 0; class < 2; class ++)
            for (size_t b = 0; b < 5; b++) {
                const size_t of[2] = {v, class};
                double mean = cm_mean_of_bucket(&f.world, of, b, from, until);
                cr_expect(close_to(mean, row[v][class][b]), "bucket %zu of %zu/%zu", b, v, class);
            }
    close_world(&f);
}

/* But for one answer in 10^7 (CM_SHAPE_REST), and slow answers are a tenth of all or more. */
Test(means, adjacent_windows_add_up)
{
    struct fixture f = {0};
    struct cm_means whole, part;
    double sum[CM_CELLS_MAX] = {0}, all = 0, failed = 0, slowed = 0;
    open_restless(&f);
    fill_means(&f, -5 * CM_SECOND, 48 * CM_SECOND, &whole);
    for (cm_time from = -5 * CM_SECOND; from < 48 * CM_SECOND; from += CM_SECOND / 2) {
        fill_means(&f, from, from + CM_SECOND / 2, &part);
        for (size_t c = 0; c < 16; c++)
            sum[c] += part.cell[c];
        all += exposed(&part, 0) + exposed(&part, 1);
        failed += part.failed_by_defect[CM_CANARY][0];
        slowed += part.slowed_by_defect[CM_CANARY][0];
    }
    for (size_t c = 0; c < 16; c++)
        cr_expect(fabs(sum[c] - whole.cell[c]) <= 3e-6 * whole.cell[c], "cell %zu: %g, not %g", c,
                  sum[c], whole.cell[c]);
    cr_expect(close_to(all, exposed(&whole, 0) + exposed(&whole, 1)));
    cr_expect(close_to(failed, whole.failed_by_defect[CM_CANARY][0]));
    cr_expect(close_to(slowed, whole.slowed_by_defect[CM_CANARY][0]));
    close_world(&f);
}

/* One cell as the sum over every piece there is, at the pieces' own seconds. */
static double plainly(const struct fixture *f, size_t version, size_t class, double from,
                      double until)
{
    double mean = 0;
    for (size_t i = 0; i < f->world.n; i++) {
        const struct cm_piece *p = cm_world_piece(&f->world, i);
        const struct cm_meets *meets = &p->meets[version][class];
        const struct cm_shape *shape = &f->world.shapes.list[meets->shape];
        const double arrive[2] = {cm_seconds(p->from), cm_seconds(p->until)};
        const double answer[2] = {from, until};
        mean += p->rate * p->share[version] * f->world.classes[class].share * meets->error *
                cm_shape_mass(shape, &shape->tempo[CM_SLOW], arrive, answer);
    }
    return mean;
}

Test(means, no_piece_with_something_in_flight_is_left_out)
{
    struct fixture f = {0};
    open_restless(&f);
    for (double from = -20; from < 49; from += 1.3)
        for (size_t v = 0; v < 2; v++)
            for (size_t class = 0; class < 2; class ++) {
                size_t cell = cm_cell(2, v, class, CM_ERROR_ANSWER, CM_SLOW);
                double got = cm_mean_of_cell(&f.world, cell, cm_from_seconds(from),
                                             cm_from_seconds(from + 0.9));
                double want = plainly(&f, v, class, from, from + 0.9);
                cr_expect(close_to(got, want), "from %g: %g, not %g", from, got, want);
            }
    close_world(&f);
}

/* --- courses ---------------------------------------------------------------------------------- */

static struct cm_course course_of(struct fixture *f, size_t row, cm_time from, cm_time until)
{
    struct cm_means m;
    fill_means(f, from, until, &m);
    return m.course[row];
}

/* What a change of the route left in flight is on no line until it is answered. */
Test(means, a_course_is_simple_where_changes_are_older_than_any_answer)
{
    struct fixture f = {0};
    open_world(&f, SLOW POLICY);
    route_at(&f, 5, 0.4);
    cm_world_extend(&f.world, 400 * CM_SECOND);
    cm_time longest = cm_from_seconds(f.world.shapes.longest) + 1, begun = 5 * CM_SECOND + longest;
    struct cm_course before = course_of(&f, 1, begun - CM_SECOND, begun + CM_SECOND);
    struct cm_course after = course_of(&f, 1, begun, begun + CM_SECOND);
    cr_expect_eq(before.shape, CM_NO_SHAPE);
    cr_expect_not(cm_means_stay(&f.world, begun - CM_SECOND, begun + CM_SECOND));
    cr_assert_neq(after.shape, CM_NO_SHAPE);
    cr_expect(cm_means_stay(&f.world, begun, begun + CM_SECOND));
    cr_expect(close_to(after.inside[CM_OK], 10 * 0.4) && after.in_flight[CM_OK] == 0);
    /* Nothing arrives after what has been made of the world: there the rest is on its way. */
    cr_expect_eq(course_of(&f, 1, 390 * CM_SECOND, 401 * CM_SECOND).shape, CM_NO_SHAPE);
    close_world(&f);
}

/* Answers of a slow piece that has ended are still to come when those of the quick one are settled.
 */
Test(means, what_an_older_and_slower_piece_left_in_flight_is_not_forgotten)
{
    struct fixture f = {0};
    open_world(&f, "[traffic]\nrate = 10 rps\n[service]\nlatency = uniform(low=1s, high=2s)\n"
                   "[defect.bad]\nprofile = pulse\nonset = 10s\nlasts = 20s\nevery = 1h\n"
                   "latency = +30s\n" POLICY);
    route_at(&f, 0, 0.4);
    cm_world_extend(&f.world, 100 * CM_SECOND);
    cr_expect_eq(course_of(&f, 1, 40 * CM_SECOND, 41 * CM_SECOND).shape, CM_NO_SHAPE);
    cr_expect_neq(course_of(&f, 0, 40 * CM_SECOND, 41 * CM_SECOND).shape, CM_NO_SHAPE);
    cr_expect_neq(course_of(&f, 1, 63 * CM_SECOND, 64 * CM_SECOND).shape, CM_NO_SHAPE);
    close_world(&f);
}

Test(means, the_outcome_tells_of_the_latency_where_failures_became_more_likely)
{
    struct fixture f = {0};
    open_world(&f, "[traffic]\nrate = 10 rps\n"
                   "[service]\nerror_rate = 1%\nlatency = uniform(low=1s, high=2s)\n"
                   "[defect.bad]\nonset = 50s\nerror_rate = +15pp\n" POLICY);
    route_at(&f, 5, 0.4);
    route_at(&f, 20, 0.6);
    cm_world_extend(&f.world, 100 * CM_SECOND);
    static const struct {
        int from_s, until_s;
        bool tells;
    } cases[] = {{10, 12, false}, {15, 30, false}, {45, 55, true}, {50, 52, true}, {53, 55, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(
            course_of(&f, 1, cases[i].from_s * CM_SECOND, cases[i].until_s * CM_SECOND).tells,
            cases[i].tells, "from %d s", cases[i].from_s);
    close_world(&f);
}
