/* People: who is asked when a policy does not want to decide by itself, and how well they decide.
 *
 * A question is answered after a reaction time, of which only working hours count. The answer
 * depends on the truth: a bad release is approved with probability `approves_bad`, any other one
 * refused with probability `refuses_good`. */
#ifndef CM_PEOPLE_H
#define CM_PEOPLE_H

#include "sim/service/law.h"

enum cm_judgement { CM_JUDGE_RELEASE, CM_JUDGE_QUESTION };

struct cm_people {
    struct cm_law reaction;       /* working time; n = 0: nobody answers */
    cm_time day_begins, day_ends; /* from midnight; CM_NO_DURATION = round the clock */
    double approves_bad, refuses_good;
    int judge; /* enum cm_judgement */
};

static inline bool cm_people_answer(const struct cm_people *people)
{
    return people->reaction.n > 0;
}

/* How long `work` of working time takes from an instant of the week (ns from Monday 00:00). */
cm_time cm_people_takes(const struct cm_people *people, cm_time of_week, cm_time work);

extern const struct cm_section cm_people_section;

#endif
