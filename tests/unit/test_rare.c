/* The far tail begins where a law falls below a limit. */
#include "sim/stats/rare.h"
#include "tests/unit/close.h"

/* Falls by one a step on either side of a mode at 10. */
static double tent(double k, const void *context)
{
    (void)context;
    return 100 - fabs(k - 10);
}

Test(rare, the_nearest_rare_outcome_is_found_on_either_side)
{
    const struct cm_function f = {tent, NULL};
    for (double limit = 91; limit < 100; limit++) {
        cr_expect(cm_rare_nearest(&f, 0, 10, limit) == 10 - (100 - limit));
        cr_expect(cm_rare_nearest(&f, 1e9, 10, limit) == 10 + (100 - limit));
    }
    cr_expect(cm_rare_nearest(&f, 0, 10, 90) == 0, "the end itself");
}

Test(rare, an_end_that_is_common_has_no_rare_outcome)
{
    const struct cm_function f = {tent, NULL};
    cr_expect(cm_rare_nearest(&f, 0, 10, 89.5) == -1);
}
