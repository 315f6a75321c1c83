/* Cases of conditions: what a measurement's value makes of it. */
#include "tests/oracle/argo.h"

const struct argo_kind argo_condition_kinds[] = {
    {NULL, NULL},
};
