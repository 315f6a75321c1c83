/* The calendar against its definition: a sort by (time, rank). */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "sim/base/rng.h"
#include "sim/engine/calendar.h"

Test(calendar, events_come_out_by_time_whatever_the_order_of_scheduling)
{
    struct cm_calendar c;
    struct cm_event event;
    static const cm_time times[] = {5, -3, 900000000000, 0, 4};
    static const cm_time want[] = {-3, 0, 4, 5, 900000000000};
    cm_calendar_init(&c, 2);
    for (size_t i = 0; i < 5; i++)
        cm_calendar_push(&c, times[i], CM_EVENT_WAKE);
    for (size_t i = 0; i < 5; i++) {
        cr_assert(cm_calendar_pop(&c, &event));
        cr_assert_eq(event.at, want[i]);
    }
    cr_assert_not(cm_calendar_pop(&c, &event));
    cm_calendar_release(&c);
}

Test(calendar, at_one_instant_the_rank_decides)
{
    struct cm_calendar c;
    struct cm_event event;
    cm_calendar_init(&c, 4);
    cm_calendar_push(&c, 7, CM_EVENT_HORIZON);
    cm_calendar_push(&c, 7, CM_EVENT_PEOPLE);
    cm_calendar_push(&c, 7, CM_EVENT_PODS);
    cm_calendar_push(&c, 7, CM_EVENT_WAKE);
    cm_calendar_push(&c, 7, CM_EVENT_SERIES);
    cm_calendar_push(&c, 7, CM_EVENT_REVISION);
    for (int rank = 0; rank < CM_EVENT_RANKS; rank++) {
        cr_assert(cm_calendar_pop(&c, &event));
        cr_assert_eq((int)event.rank, rank);
    }
    cm_calendar_release(&c);
}

Test(calendar, what_never_happens_is_not_scheduled)
{
    struct cm_calendar c;
    struct cm_event event;
    cm_calendar_init(&c, 1);
    cm_calendar_push(&c, CM_NEVER, CM_EVENT_WAKE);
    cr_assert_not(cm_calendar_pop(&c, &event));
    cm_calendar_release(&c);
}

static int by_time(const void *a, const void *b)
{
    cm_time x = *(const cm_time *)a, y = *(const cm_time *)b;
    return (x > y) - (x < y);
}

Test(calendar, a_thousand_random_events_equal_a_sort_and_stay_in_order)
{
    enum { N = 1000 };
    struct cm_calendar c;
    struct cm_rng rng = cm_rng_stream(1, 2, 3, 4);
    cm_time times[N];
    cm_calendar_init(&c, 1);
    for (size_t i = 0; i < N; i++) {
        times[i] = (cm_time)(cm_rng_next(&rng) % 300) - 100;
        cm_calendar_push(&c, times[i], (enum cm_event_rank)(cm_rng_next(&rng) % CM_EVENT_RANKS));
        cr_assert(cm_calendar_verify(&c));
    }
    qsort(times, N, sizeof times[0], by_time);
    struct cm_event event, last = {.at = INT64_MIN};
    for (size_t i = 0; i < N; i++) {
        cr_assert(cm_calendar_pop(&c, &event) && cm_calendar_verify(&c));
        cr_assert_eq(event.at, times[i]);
        cr_assert(event.at > last.at || event.rank >= last.rank);
        last = event;
    }
    cm_calendar_release(&c);
}
