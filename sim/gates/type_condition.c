/* Reading and printing a condition; a mistake points at its own place. */
#include "sim/gates/type_condition.h"

#include <string.h>

#include "sim/base/type.h"
#include "sim/gates/argo_condition.h"

/* What a condition is worth depends on the kind of the result, which other keys say. */
static int condition_parse(const struct cm_param *row, const char *text, void *out,
                           struct cm_arena *arena, struct cm_err *err)
{
    const char **field = out;
    struct cm_argo_condition condition;
    *field = NULL;
    if (cm_type_is_none(row, text))
        return 0;
    if (cm_argo_condition_compile(text, CM_ARGO_ANY, &condition, err))
        return -1;
    *field = cm_arena_text(arena, text, strlen(text));
    return 0;
}

static void condition_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    const char *const *text = value;
    (void)row;
    cm_print(to, "%s", *text != NULL ? *text : "none");
}

const struct cm_type cm_type_condition = {
    .name = "condition",
    .accepts = "result[0] < 0.05, len(result) > 0",
    .parse = condition_parse,
    .print = condition_print,
};
