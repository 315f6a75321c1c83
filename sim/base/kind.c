/* Looking up a kind by the name a file gives it. Lists are short (< 20): linear search is clearest.
 */
#include "sim/base/kind.h"

#include <string.h>

const struct cm_kind *cm_kind_find(const struct cm_kind *const *kinds, const char *name)
{
    for (; kinds && *kinds; kinds++)
        if (strcmp((*kinds)->name, name) == 0)
            return *kinds;
    return NULL;
}
