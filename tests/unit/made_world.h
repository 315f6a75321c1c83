/* A world by itself, to be asked for means. */
#ifndef CM_TESTS_MADE_WORLD_H
#define CM_TESTS_MADE_WORLD_H

#include "sim/engine/means.h"
#include "tests/stat/scenario_text.h"

struct fixture {
    struct cm_scenario scenario;
    struct cm_plan plan;
    struct cm_world world;
};

static inline void open_world(struct fixture *f, const char *text)
{
    load_text(&f->scenario, text, NULL);
    int release = f->scenario.n_defects > 0 ? 0 : -1;
    f->plan = (struct cm_plan){.scenario = &f->scenario, .release = release, .strength = 1};
    cm_world_init(&f->world, &f->plan);
    cm_world_begin(&f->world, 0);
}

static inline void close_world(struct fixture *f)
{
    cm_world_release(&f->world);
    cm_scenario_release(&f->scenario);
}

static inline void route_at(struct fixture *f, double at_s, double share)
{
    cm_world_extend(&f->world, cm_from_seconds(at_s));
    cm_world_route(&f->world, share);
}

static inline void fill_means(struct fixture *f, cm_time from, cm_time until, struct cm_means *m)
{
    struct cm_bucket_tree tree;
    const cm_time window[2] = {from, until};
    cm_bucket_tree_init(&tree, f->world.shapes.edges, &f->scenario.service.latency);
    cm_means_fill(&f->world, &tree, window, m);
}

#endif
