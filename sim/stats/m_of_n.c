/* Counts the real points from the newest on, then fills in. */
#include "sim/stats/m_of_n.h"

#include <stdbool.h>

/* Of the newest real points, at most n. */
struct real {
    size_t points, breaching;
    size_t oldest_breach; /* its age, 1 = the newest point; 0 = none */
};

static struct real count_real(const struct cm_alarm_rule *rule, const enum cm_point *points,
                              size_t length)
{
    struct real real = {0};
    for (size_t age = 1; age <= length && real.points < rule->n; age++) {
        enum cm_point point = points[length - age];
        real.points += point != CM_POINT_MISSING;
        real.breaching += point == CM_POINT_BREACHING;
        if (point == CM_POINT_BREACHING)
            real.oldest_breach = age;
    }
    return real;
}

/* Fewer real points than n, and missing ones that count as neither. */
static enum cm_alarm undecided(const struct cm_alarm_rule *rule, const struct real *real)
{
    bool ignored = rule->missing == CM_MISSING_IGNORED;
    if (real->points > real->breaching)
        return CM_ALARM_OK;
    if (ignored)
        return CM_ALARM_KEPT;
    if (real->points == 0)
        return CM_ALARM_INSUFFICIENT;
    return real->oldest_breach >= rule->m ? CM_ALARM_RAISED : CM_ALARM_OK;
}

enum cm_alarm cm_m_of_n_state(const struct cm_alarm_rule *rule, const enum cm_point *points,
                              size_t length)
{
    struct real real = count_real(rule, points, length);
    size_t filled = rule->missing == CM_MISSING_BREACHES ? rule->n - real.points : 0;
    if (real.breaching + filled >= rule->m)
        return CM_ALARM_RAISED;
    bool complete = real.points >= rule->n;
    if (complete || rule->missing == CM_MISSING_BREACHES || rule->missing == CM_MISSING_FINE)
        return CM_ALARM_OK;
    return undecided(rule, &real);
}
