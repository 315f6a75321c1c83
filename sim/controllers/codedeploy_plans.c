/* Source: AWS CodeDeploy User Guide, "Working with deployment configurations". */
#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "sim/controllers/codedeploy.h"

static const struct cm_shift shifts[] = {
#define CM_SHIFT(name, increment, minutes, linear) {increment, (minutes)*CM_MINUTE, linear},
#include "sim/controllers/codedeploy_plans.def"
#undef CM_SHIFT
    {1, 0, false},
};

const char *const cm_codedeploy_plans[] = {
#define CM_SHIFT(name, increment, minutes, linear) #name,
#include "sim/controllers/codedeploy_plans.def"
#undef CM_SHIFT
    "custom",
    NULL,
};

struct cm_shift cm_codedeploy_shift(int plan)
{
    assert(plan >= 0 && (size_t)plan < sizeof shifts / sizeof shifts[0]);
    return shifts[plan];
}

/* The last increment is what is left. */
int cm_codedeploy_shifts(const struct cm_shift *shift)
{
    const double slack = 1e-9;
    if (shift->increment >= 1)
        return 1;
    return shift->linear ? (int)ceil(1 / shift->increment - slack) : 2;
}

double cm_codedeploy_weight(const struct cm_shift *shift, int i)
{
    const double digits = 1e9; /* so that three times 10 % is 30 % */
    bool last = i + 1 >= cm_codedeploy_shifts(shift);
    return last ? 1 : round((double)(i + 1) * shift->increment * digits) / digits;
}

cm_time cm_codedeploy_time(const struct cm_shift *shift, int i)
{
    return i * shift->every;
}
