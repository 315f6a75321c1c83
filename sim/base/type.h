/* What the value types share. Types of other layers (laws, edges) use it, too. */
#ifndef CM_TYPE_H
#define CM_TYPE_H

#include "sim/base/param.h"
#include "sim/base/units.h"

/* Whether `text` says that the value is absent, which it may where the row's default is "none". */
bool cm_type_is_none(const struct cm_param *row, const char *text);

/* Holds `value` against the row's closed range; says both in `unit`, the value as the user wrote
 * it. */
int cm_type_range(const struct cm_param *row, const char *text, double value, enum cm_unit unit,
                  struct cm_err *err);

#endif
