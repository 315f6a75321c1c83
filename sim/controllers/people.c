/* Working hours.
 *
 * Work is done from Monday to Friday between day_begins and day_ends: the clock of a reaction
 * stands still outside of them, so that a question on Friday evening is answered on Monday. Whole
 * weeks are skipped, then days are walked through.
 *
 * Assumes one person, or a group that reacts like one: questions do not queue for them. */
#include "sim/controllers/people.h"

static const char *const judgements[] = {
    [CM_JUDGE_RELEASE] = "release", [CM_JUDGE_QUESTION] = "question", NULL};

static const struct cm_param params[] = {
    CM_LAW(struct cm_people, reaction, "none",
           "How long people take to answer a question, in working time; none = nobody answers."),
    CM_DURATION(
        struct cm_people, day_begins, "none", 0, 24 * 3600e9,
        "When they begin to work, from midnight, Monday to Friday; none = somebody is there "
        "round the clock."),
    CM_DURATION(struct cm_people, day_ends, "none", 1e9, 24 * 3600e9,
                "When they stop working, from midnight."),
    CM_PROB(struct cm_people, approves_bad, "0%", 0, 1,
            "Probability that they approve a bad release."),
    CM_PROB(struct cm_people, refuses_good, "0%", 0, 1,
            "Probability that they refuse a healthy or harmless one."),
    CM_CHOICE(struct cm_people, judge, "release", judgements,
              "What they make up their mind about: the release, once for all questions, or each "
              "question afresh."),
    CM_PARAMS_END,
};

static int check(const void *common, struct cm_err *err)
{
    const struct cm_people *p = common;
    bool begins = p->day_begins != CM_NO_DURATION, ends = p->day_ends != CM_NO_DURATION;
    if (begins != ends)
        return cm_fail(err, "day_begins and day_ends belong together: give both (9h, 17h) or none");
    if (begins && p->day_begins >= p->day_ends)
        return cm_fail(err,
                       "day_begins is not before day_ends: working days do not cross midnight");
    if (p->reaction.n == 0 && (begins || p->approves_bad > 0 || p->refuses_good > 0))
        return cm_fail(err,
                       "nobody answers: give their reaction (reaction = exponential(mean=1h))");
    return 0;
}

const struct cm_section cm_people_section = {
    .name = "people",
    .summary = "Who answers when a policy asks: how fast, when, and how often wrongly.",
    .params = params,
    .size = sizeof(struct cm_people),
    .check = check,
};

enum { WORKDAYS = 5 };
static const cm_time WEEK = 7 * CM_DAY;

/* The rest of a working day at an instant of it; 0 outside. *begins: when work goes on. */
static cm_time rest_of_day(const struct cm_people *p, cm_time of_week, cm_time *begins)
{
    cm_time day = of_week / CM_DAY % 7, midnight = of_week - of_week % CM_DAY;
    cm_time from = midnight + p->day_begins, until = midnight + p->day_ends;
    *begins = of_week > from ? of_week : from;
    return day < WORKDAYS && *begins < until ? until - *begins : 0;
}

cm_time cm_people_takes(const struct cm_people *people, cm_time of_week, cm_time work)
{
    if (people->day_begins == CM_NO_DURATION)
        return work;
    cm_time weekly = WORKDAYS * (people->day_ends - people->day_begins);
    cm_time weeks = work > 0 ? (work - 1) / weekly : 0, now = of_week, begins;
    if (weeks > CM_NEVER / (2 * WEEK))
        return CM_NEVER;
    for (work -= weeks * weekly;;) {
        cm_time rest = rest_of_day(people, now, &begins);
        if (rest > 0 && work <= rest)
            return weeks * WEEK + begins + work - of_week;
        work -= rest;
        now += CM_DAY - now % CM_DAY;
    }
}
