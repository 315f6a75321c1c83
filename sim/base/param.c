/* Walking parameter tables.
 *
 * A default is read by the same parser as a user's value. So a default outside its own range, or in
 * a form that users could not write, cannot exist: it stops the program at the first test. */
#include "sim/base/param.h"

#include <assert.h>
#include <string.h>

#include "sim/base/text.h"

const struct cm_param *cm_param_find(const struct cm_param *rows, const char *name)
{
    for (; rows && rows->name; rows++)
        if (strcmp(rows->name, name) == 0)
            return rows;
    return NULL;
}

/* Rows without a default are left alone: the loader insists on them. */
void cm_params_default(const struct cm_param *rows, void *options, struct cm_arena *arena)
{
    for (; rows && rows->name; rows++) {
        struct cm_err err = {0};
        int bad = rows->dflt ? cm_param_set(rows, options, rows->dflt, arena, &err) : 0;
        assert(!bad);
        (void)bad;
    }
}

/* Trimmed and terminated once, here, so that no type has to. */
int cm_param_set(const struct cm_param *row, void *options, const char *text,
                 struct cm_arena *arena, struct cm_err *err)
{
    struct cm_slice trimmed = cm_slice_trim(cm_slice_of(text));
    if (!trimmed.length)
        return cm_fail(err, "a value is missing (%s)", row->type->accepts);
    const char *value = cm_arena_text(arena, trimmed.at, trimmed.length);
    return row->type->parse(row, value, (char *)options + row->offset, arena, err);
}
