/* Shapes against numerical integration and against what no mass can do: vanish. */
#include <criterion/criterion.h>
#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdio.h>

#include "sim/engine/shape.h"
#include "tests/stat/scenario_text.h"

static struct cm_scenario scenario;
static struct cm_shapes shapes;

static const struct cm_shape *shape_of(const char *latency, const struct cm_pace *pace)
{
    char text[300];
    snprintf(text, sizeof text,
             "[service]\nlatency = %s\n[telemetry]\nbuckets = 50ms, 100ms, 250ms, 1s\n"
             "[policy.p]\nsteps = 50%%/1m\n",
             latency);
    load_text(&scenario, text, NULL);
    cm_shapes_init(&shapes, &scenario.telemetry.buckets, 0.2);
    size_t index = cm_shapes_find(&shapes, &scenario.service.latency, pace); /* may move the list */
    return &shapes.list[index];
}

static void done(void)
{
    cm_shapes_release(&shapes);
    cm_scenario_release(&scenario);
}

struct tail {
    const struct cm_shape *shape;
    const struct cm_band *part;
};

/* P(low < L <= min(u, high)) */
static double within(double u, void *self)
{
    const struct tail *t = self;
    const struct cm_law *law = t->shape->law;
    double upto = cm_pace_cdf(law, &t->shape->pace, fmin(u, t->part->high));
    return fmax(0, upto - (t->part->low > 0 ? cm_pace_cdf(law, &t->shape->pace, t->part->low) : 0));
}

/* The integral in pieces that end at the band's corners, where the integrand bends. */
static double integral(const struct tail *t, double x)
{
    const double corner[] = {0, fmin(x, t->part->low), fmin(x, t->part->high), x};
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(1000);
    gsl_function f = {.function = within, .params = (void *)(uintptr_t)t};
    double sum = 0, part, error;
    for (int i = 0; i < 3; i++)
        if (corner[i + 1] > corner[i]) {
            gsl_integration_qag(&f, corner[i], corner[i + 1], 1e-12, 1e-10, 1000, 6, w, &part,
                                &error);
            sum += part;
        }
    gsl_integration_workspace_free(w);
    return sum;
}

static const char *const laws[] = {"lognormal(median=120ms, sigma=0.6)", "exponential(mean=100ms)",
                                   "gamma(mean=150ms, shape=2.5)"};
static const struct cm_pace paces[] = {{1, 0, 0, 1, 0}, {2, 0.03, 0, 1, 0}, {1, 0, 0.1, 3, 0.2}};

Test(shape, what_is_answered_is_the_integral_of_the_share_answered)
{
    for (size_t l = 0; l < 3; l++)
        for (size_t p = 0; p < 3; p++) {
            const struct cm_shape *shape = shape_of(laws[l], &paces[p]);
            for (int tempo = 0; tempo < CM_TEMPI; tempo++)
                for (double x = 0.02; x < shape->longest; x *= 1.9) {
                    struct tail t = {shape, &shape->tempo[tempo]};
                    double got = cm_shape_answered(shape, t.part, x), want = integral(&t, x);
                    cr_expect(fabs(got - want) <= 1e-8 * (1 + want), "%s, pace %zu, %g: %g not %g",
                              laws[l], p, x, got, want);
                }
            done();
        }
}

/* A request is answered once: masses over windows that tile time add up to the flow itself. */
Test(shape, mass_is_conserved_and_adds_over_windows_and_arrivals)
{
    for (size_t l = 0; l < 3; l++) {
        const struct cm_shape *shape = shape_of(laws[l], &paces[2]);
        double all = 0, parts = 0;
        for (double from = 0; from < 5 + shape->longest; from += 0.37)
            for (int tempo = 0; tempo < CM_TEMPI; tempo++) {
                const double window[2] = {from, from + 0.37};
                const double whole[2] = {0, 5}, early[2] = {0, 1.3}, late[2] = {1.3, 5};
                const struct cm_band *part = &shape->tempo[tempo];
                all += cm_shape_mass(shape, part, whole, window);
                parts += cm_shape_mass(shape, part, early, window) +
                         cm_shape_mass(shape, part, late, window);
            }
        cr_expect_float_eq(all, 5, 1e-5, "%s: %.12g", laws[l], all);
        cr_expect_float_eq(parts, 5, 1e-5, "%s: %.12g", laws[l], parts);
        done();
    }
}

Test(shape, buckets_share_out_what_their_tempo_has)
{
    const struct cm_shape *shape = shape_of(laws[0], &paces[1]);
    for (int tempo = 0; tempo < CM_TEMPI; tempo++) {
        const struct cm_band *bucket = cm_shapes_buckets(&shapes, 0, (enum cm_tempo)tempo);
        double p = 0, m = 0;
        for (size_t b = 0; b <= scenario.telemetry.buckets.n; b++) {
            p += bucket[b].p;
            m += bucket[b].m;
        }
        cr_expect_float_eq(p, shape->tempo[tempo].p, 1e-12);
        cr_expect_float_eq(m, shape->tempo[tempo].m, 1e-12);
    }
    done();
}

Test(shape, a_pace_met_before_is_the_same_shape)
{
    shape_of(laws[0], &paces[0]);
    size_t other = cm_shapes_find(&shapes, &scenario.service.latency, &paces[1]);
    cr_assert_eq(cm_shapes_find(&shapes, &scenario.service.latency, &paces[0]), 0);
    cr_assert_eq(cm_shapes_find(&shapes, &scenario.service.latency, &paces[1]), other);
    cr_assert_neq(other, 0);
    done();
}
