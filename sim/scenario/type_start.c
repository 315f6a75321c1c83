/* When the release falls: `random`, or a moment of the week such as `Mon 14:00`. */
#include "sim/scenario/sections.h"

#include <string.h>

static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
enum { DAYS = sizeof days / sizeof *days };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "14:00" or "9:30" as time of day; -1 if it is none. */
static cm_time read_clock(const char *text)
{
    size_t hours = strspn(text, "0123456789");
    if (hours < 1 || hours > 2 || text[hours] != ':')
        return -1;
    const char *minutes = text + hours + 1;
    if (!is_digit(minutes[0]) || !is_digit(minutes[1]) || minutes[2])
        return -1;
    int hour = hours == 2 ? 10 * (text[0] - '0') + text[1] - '0' : text[0] - '0';
    int minute = 10 * (minutes[0] - '0') + minutes[1] - '0';
    return hour < 24 && minute < 60 ? hour * CM_HOUR + minute * CM_MINUTE : -1;
}

/* Weekdays as they are printed, so that one moment has one spelling. */
static int start_parse(const struct cm_param *row, const char *text, void *out,
                       struct cm_arena *arena, struct cm_err *err)
{
    (void)row;
    (void)arena;
    struct cm_start *field = out;
    if (strcmp(text, "random") == 0) {
        *field = (struct cm_start){.random = true};
        return 0;
    }
    size_t word = strcspn(text, " \t");
    const char *rest = text + word + strspn(text + word, " \t");
    cm_time clock = read_clock(rest);
    for (int day = 0; day < DAYS; day++) {
        if (word != strlen(days[day]) || strncmp(text, days[day], word) != 0)
            continue;
        if (clock < 0)
            return cm_fail(err, "'%.60s' has no time of day from 00:00 to 23:59 behind the weekday",
                           text);
        *field = (struct cm_start){.at = day * CM_DAY + clock};
        return 0;
    }
    return cm_fail(err, "'%.60s' is neither 'random' nor a moment of the week (Mon 14:00)", text);
}

/* Monday 00:00 is 0: the clock of traffic that knows weekdays (arrivals.h). */
static void start_print(const struct cm_param *row, const void *value, struct cm_writer to)
{
    (void)row;
    const struct cm_start *start = value;
    if (start->random) {
        cm_print(to, "random");
        return;
    }
    int minutes = (int)(start->at % CM_DAY / CM_MINUTE);
    cm_print(to, "%s %02d:%02d", days[start->at / CM_DAY % DAYS], minutes / 60, minutes % 60);
}

const struct cm_type cm_type_start = {
    .name = "moment",
    .accepts = "random, Mon 14:00",
    .parse = start_parse,
    .print = start_print,
};
