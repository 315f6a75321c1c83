/* Known answers for Argo Rollouts' controller: {"cases": [{id, kind, input, expect}, ...]}.
 *
 * The kinds' adapters are in argo_*.c, a table a group. */
#include <stdio.h>
#include <string.h>

#include "tests/oracle/argo.h"
#include "tests/oracle/oracle.h"

static const struct argo_kind *const groups[] = {
#define ARGO_GROUP(name) argo_##name##_kinds,
#include "tests/oracle/argo_groups.def"
#undef ARGO_GROUP
};
enum { GROUPS = sizeof groups / sizeof groups[0] };

static const struct argo_kind *find(const char *name)
{
    for (int i = 0; i < GROUPS; i++)
        for (const struct argo_kind *kind = groups[i]; kind->name != NULL; kind++)
            if (strcmp(kind->name, name) == 0)
                return kind;
    return NULL;
}

static void play(const char *id, const struct argo_kind *kind, struct argo_case *c,
                 struct oracle_tally *tally)
{
    kind->answer(c);
    bool wrong = c->in.wrong || c->expect.wrong;
    if (wrong)
        oracle_failed(tally, id, "%s", c->in.wrong ? c->in.err.text : c->expect.err.text);
    else if (c->skipped != NULL)
        oracle_skipped(tally, id, c->skipped);
    else if (c->wrong[0] != '\0')
        oracle_failed(tally, id, "%s", c->wrong);
    else if (c->asked < json_object_size(c->expect.object))
        oracle_failed(tally, id, "something is expected that nothing compares");
    else
        oracle_passed(tally, id);
}

static int run_case(const json_t *item, struct oracle_tally *tally, struct cm_err *err)
{
    const char *id = oracle_text(item, "id", err);
    const char *name = id != NULL ? oracle_text(item, "kind", err) : NULL;
    const json_t *in = name != NULL ? oracle_member(item, "input", JSON_OBJECT, err) : NULL;
    const json_t *expect = in != NULL ? oracle_member(item, "expect", JSON_OBJECT, err) : NULL;
    if (expect == NULL)
        return -1;
    const struct argo_kind *kind = find(name);
    struct argo_case c = {.in = {.object = in}, .expect = {.object = expect}};
    if (kind == NULL)
        oracle_skipped(tally, id, "no adapter for this kind yet");
    else
        play(id, kind, &c, tally);
    inputs_release(&c.in);
    inputs_release(&c.expect);
    return 0;
}

int oracle_argo(const json_t *file, struct oracle_tally *tally, struct cm_err *err)
{
    const json_t *cases = oracle_member(file, "cases", JSON_ARRAY, err);
    if (cases == NULL)
        return -1;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        struct cm_err inner;
        if (run_case(json_array_get(cases, i), tally, &inner)) {
            char name[40];
            snprintf(name, sizeof name, "cases[%zu]", i);
            oracle_failed(tally, name, "%s", inner.text);
        }
    }
    return 0;
}
