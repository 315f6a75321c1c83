/* CloudWatch's alarm: at least M of the last N datapoints breach, and what if some are missing.
 *
 * The evaluation range is longer than N: real points in it are used first, the newest N of them.
 * Where it holds fewer, as many missing ones as are needed are filled in:
 *
 *     breaching, not_breaching   they count as such
 *     ignore                     the state is kept, unless the real points decide it
 *     missing                    the real points decide; without any the data are insufficient
 *
 * Real points decide if M of them breach (alarm) or one does not (no alarm, if fewer than M
 * breach). Where all there are breach but are fewer than M, `missing` raises the alarm once the
 * oldest of them is at least M points old, since all that is newer is breaching or missing.
 *
 * Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data";
 * its ten documented rows are in the tests. A breaching point too young for the last rule, which no
 * row shows, is taken to raise no alarm. */
#ifndef CM_M_OF_N_H
#define CM_M_OF_N_H

#include <stddef.h>

enum cm_point { CM_POINT_MISSING, CM_POINT_FINE, CM_POINT_BREACHING };
enum cm_missing { CM_MISSING, CM_MISSING_IGNORED, CM_MISSING_BREACHES, CM_MISSING_FINE };
enum cm_alarm { CM_ALARM_OK, CM_ALARM_RAISED, CM_ALARM_INSUFFICIENT, CM_ALARM_KEPT };

struct cm_alarm_rule {
    size_t m, n; /* 1 <= m <= n */
    enum cm_missing missing;
};

/* `points` are the evaluation range, oldest first; `length` of them. */
enum cm_alarm cm_m_of_n_state(const struct cm_alarm_rule *rule, const enum cm_point *points,
                              size_t length);

#endif
