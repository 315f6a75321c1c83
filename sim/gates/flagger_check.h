/* Which rule of the flagger_check gate spoke, for whoever puts it into Flagger's words. */
#ifndef CM_FLAGGER_CHECK_H
#define CM_FLAGGER_CHECK_H

enum cm_flagger_rule {
    CM_CHECK_FINE,
    CM_CHECK_SUCCESS_RATE_LOW,
    CM_CHECK_SUCCESS_RATE_HIGH,
    CM_CHECK_DURATION_LOW,
    CM_CHECK_DURATION_HIGH,
    CM_CHECK_VALUE_LOW,
    CM_CHECK_VALUE_HIGH,
    CM_CHECK_NO_SUCCESS_RATE,
    CM_CHECK_NO_DURATION,
    CM_CHECK_NO_VALUE,
    CM_CHECK_BUILTIN_BROKEN,
    CM_CHECK_QUERY_BROKEN,
    CM_FLAGGER_RULES
};

#endif
