/* Their memory, their luck and their clocks. A revision that takes the place of the release has
 * luck of its own, and what was opened or approved for the one before has to be so again. */
#include "sim/engine/counterparts.h"

#include "sim/base/mem.h"

void cm_counterparts_init(struct cm_counterparts *c, const struct cm_plan *plan)
{
    const struct cm_scenario *s = plan->scenario;
    *c = (struct cm_counterparts){
        .scenario = s,
        .bad = plan->release >= 0 && !s->defects[plan->release].effect.harmless,
        .lines = cm_alloc((s->n_hooks + 1) * sizeof *c->lines),
        .reaction_purpose = cm_rng_purpose("people.reaction"),
        .judgement_purpose = cm_rng_purpose("people.judgement"),
        .revision_purpose = cm_rng_purpose("revisions.every"),
        .start_purpose = cm_rng_purpose("scenario.start"),
    };
    uint64_t purpose = cm_rng_purpose("hook");
    for (size_t i = 0; i < s->n_hooks; i++)
        c->lines[i].purpose = cm_rng_mix2(purpose, cm_rng_purpose(s->hooks[i].name));
}

void cm_counterparts_release(struct cm_counterparts *c)
{
    cm_free(c->lines);
    *c = (struct cm_counterparts){0};
}

static struct cm_rng stream(const struct cm_counterparts *c, uint64_t purpose, uint64_t block)
{
    return cm_rng_stream(c->scenario->run.seed, c->replication, purpose, block);
}

/* The purpose of a stream that each release has for itself. */
static uint64_t own(const struct cm_counterparts *c, uint64_t purpose)
{
    return c->restarts > 0 ? cm_rng_mix2(purpose, c->restarts) : purpose;
}

/* Nobody has heard of the release. */
static void forget(struct cm_counterparts *c)
{
    for (size_t i = 0; i < c->scenario->n_hooks; i++) {
        c->lines[i].calls = (struct cm_calls){0};
        c->lines[i].asked_at = CM_NEVER;
    }
    c->question = (struct cm_question){.asked_at = CM_NEVER};
}

static cm_time draw_interval(struct cm_counterparts *c)
{
    const struct cm_law *every = &c->scenario->revisions.every;
    return every->n > 0 ? cm_from_seconds(cm_law_draw(every, &c->revisions)) : CM_NEVER;
}

/* The same moment of the week as that of traffic which follows one. */
static cm_time draw_week(const struct cm_counterparts *c)
{
    struct cm_rng rng = stream(c, c->start_purpose, 0);
    const struct cm_start *start = &c->scenario->run.start;
    return start->random ? (cm_time)(cm_rng_unit(&rng) * (double)(7 * CM_DAY)) : start->at;
}

void cm_counterparts_begin(struct cm_counterparts *c, uint64_t replication)
{
    c->replication = replication;
    c->restarts = 0;
    forget(c);
    c->week = draw_week(c);
    c->revision = 1;
    c->revisions = stream(c, c->revision_purpose, 0);
    c->next_revision = draw_interval(c);
}

struct cm_said cm_counterparts_hook(struct cm_counterparts *c, int hook, cm_time now)
{
    struct cm_line *line = &c->lines[hook];
    const struct cm_hook_key key = {c->scenario->run.seed, c->replication, own(c, line->purpose)};
    if (line->asked_at == now)
        return line->said;
    line->asked_at = now;
    line->said = cm_hook_call(&c->scenario->hooks[hook].hook, &line->calls, &key, c->bad, now);
    return line->said;
}

/* What people make of the release; they may be wrong either way. */
static enum cm_label judge(const struct cm_counterparts *c)
{
    const struct cm_people *people = &c->scenario->people;
    bool once = people->judge == CM_JUDGE_RELEASE;
    struct cm_rng rng = stream(c, own(c, c->judgement_purpose), once ? 0 : c->question.n);
    double luck = cm_rng_unit(&rng);
    return luck < (c->bad ? 1 - people->approves_bad : people->refuses_good) ? CM_FAIL : CM_PASS;
}

static struct cm_said put_question(const struct cm_counterparts *c, cm_time now)
{
    const struct cm_people *people = &c->scenario->people;
    if (!cm_people_answer(people))
        return (struct cm_said){CM_NEVER, CM_UNDECIDED};
    struct cm_rng rng = stream(c, own(c, c->reaction_purpose), c->question.n);
    cm_time work = cm_from_seconds(cm_law_draw(&people->reaction, &rng));
    cm_time of_week = (c->week + now) % (7 * CM_DAY);
    return (struct cm_said){cm_later(now, cm_people_takes(people, of_week, work)), judge(c)};
}

struct cm_said cm_counterparts_people(struct cm_counterparts *c, cm_time now)
{
    struct cm_question *q = &c->question;
    if (!q->open && q->asked_at != now) {
        q->said = put_question(c, now);
        q->open = true;
        q->n++;
    }
    q->asked_at = now;
    q->open = q->said.at > now;
    return q->said;
}

void cm_counterparts_revise(struct cm_counterparts *c)
{
    c->revision++;
    c->next_revision = cm_later(c->next_revision, draw_interval(c));
}

void cm_counterparts_restart(struct cm_counterparts *c)
{
    c->restarts++;
    forget(c);
}
