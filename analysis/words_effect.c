/* A defect in the words of the file it comes from: "+1.1pp errors, x1.5 latency".
 *
 * Strength does what the simulation does with it (sim/defects/effect.c): it scales the changes and
 * the share of slow requests, not how slow those are. As written a number is said to four digits,
 * at another strength to two. */
#include <math.h>

#include "analysis/words.h"
#include "sim/base/units.h"
#include "sim/service/answer.h"

/* Says what follows a comma from the second effect on. */
struct said {
    struct cm_writer to;
    int digits;
    bool any;
};

/* Plain decimals: an exponent would not be what the file says. */
static void number(double value, const struct said *said)
{
    double size = fabs(value);
    if (size >= 100)
        cm_print(said->to, "%.0f", size);
    else
        cm_print(said->to, "%.*g", said->digits, size);
}

/* A comma, from the second effect on. */
static void begin(struct said *said)
{
    cm_print(said->to, "%s", said->any ? ", " : "");
    said->any = true;
}

static void factor(double times, const struct said *said)
{
    cm_print(said->to, "x");
    number(times, said);
}

/* +20ms, +1.5s: as in a file, without blanks. */
static void seconds(double value, const struct said *said)
{
    bool small = fabs(value) < 1;
    cm_print(said->to, value < 0 ? "-" : "+");
    number(small ? 1000 * value : value, said);
    cm_print(said->to, small ? "ms" : "s");
}

/* Percentage points, since a relative change is written x3. */
static void points(double value, const struct said *said)
{
    cm_print(said->to, value < 0 ? "-" : "+");
    number(100 * value, said);
    cm_print(said->to, "pp");
}

/* A factor, a shift, or both: "x2 +1pp". */
static void change(struct cm_change c, void (*plus)(double, const struct said *),
                   const struct said *said)
{
    if (c.times != 1)
        factor(c.times, said);
    if (c.times != 1 && c.plus != 0)
        cm_print(said->to, " ");
    if (c.plus != 0)
        plus(c.plus, said);
}

static bool changes(struct cm_change c)
{
    return c.times != 1 || c.plus != 0;
}

/* Of a KPI or a gauge, in its own unit. */
static void plain(double value, const struct said *said)
{
    cm_print(said->to, value < 0 ? "-" : "+");
    number(value, said);
}

/* KPIs or gauges: "-0.4 quality". */
static void say_list(const struct cm_refs *refs, const struct cm_changes *list, double strength,
                     struct said *said)
{
    for (size_t i = 0; i < refs->n; i++) {
        begin(said);
        change(cm_change_at(list->list[i], strength), plain, said);
        cm_print(said->to, " %s", refs->refs[i].name);
    }
}

/* Which pods have it, and a crash loop, whose crashes strength makes more frequent. */
static void say_pods(const struct cm_defect *defect, double strength, struct said *said)
{
    if (defect->crash_every > 0) {
        begin(said);
        cm_print(said->to, "a crash of each pod every ");
        cm_units_print_time((cm_time)((double)defect->crash_every / strength), said->to);
    }
    if (!said->any || !(defect->instances.value > 0))
        return;
    bool share = defect->instances.unit == CM_RATIO;
    cm_print(said->to, " in ");
    number((share ? 100 : 1) * defect->instances.value, said);
    cm_print(said->to, "%s", share ? "% of pods" : defect->instances.value > 1 ? " pods" : " pod");
}

void cm_words_effect(const struct cm_defect *defect, double strength, struct cm_writer to)
{
    struct said said = {to, strength == 1 ? 4 : 2, false};
    struct cm_change errors = cm_change_at(defect->error_rate, strength);
    struct cm_change latency = cm_change_at(defect->latency, strength);
    if (changes(errors)) {
        begin(&said);
        change(errors, points, &said);
        cm_print(to, " errors");
    }
    if (changes(latency)) {
        begin(&said);
        change(latency, seconds, &said);
        cm_print(to, " latency");
    }
    if (defect->slow_share > 0 && changes(defect->slow_latency)) {
        begin(&said);
        number(100 * fmin(1, strength * defect->slow_share), &said);
        cm_print(to, "%% of requests ");
        change(defect->slow_latency, seconds, &said);
    }
    say_list(&defect->kpi, &defect->kpi_change, strength, &said);
    say_list(&defect->gauge, &defect->gauge_change, strength, &said);
    say_pods(defect, strength, &said);
    if (!said.any)
        cm_print(to, "no effect");
}
