/* The timeline: a table whose last column is as long as what has to be said.
 *
 *     time      weight  gate   says  why
 *     --------  ------  -----  ----  ---------------------------------------------------------
 *     00:04:00     1 %  limit  fail  errors 5 % > 1 %: the value is above max
 *                                    canary 1 of 20 (5 %), stable 3 of 1,760 (0.17 %) in 1m
 *                                    -> rolls back: the look rolls the release back
 *
 * Events are taken together to moments: the gates that were asked, then what the controller said
 * and ordered. The weight is that at which the gates looked; what it changes to follows the arrow.
 * Moments that repeat the one before them (same gates, same labels, same rules) and change nothing
 * are folded into the last of them. */
#include <math.h>
#include <string.h>

#include "analysis/trace_parts.h"
#include "analysis/words.h"
#include "analysis/write.h"
#include "sim/base/units.h"

enum { FOLDED = 3, LONGEST_NAME = 20 }; /* moments worth folding; columns for a gate's name */

struct moment {
    size_t first, looks, end; /* events; the looks come first */
    bool acts;                /* an order was given */
};

struct timeline {
    const struct cm_trace *trace;
    struct cm_writer to;
    struct moment *moments; /* owned */
    size_t n;
    bool fine; /* looks fall between whole seconds */
    size_t gate_width, label_width;
};

/* --- moments --- */

/* After one of these things are not as they were. */
static bool is_order(enum cm_trace_what what)
{
    return what == CM_TRACE_STEP || what == CM_TRACE_WEIGHT || what == CM_TRACE_PAUSE ||
           what == CM_TRACE_FINISH;
}

/* What happens to the release rather than being done about it stands alone. */
static bool stands_alone(enum cm_trace_what what)
{
    return what == CM_TRACE_ONSET || what == CM_TRACE_PODS || what == CM_TRACE_PEOPLE ||
           what == CM_TRACE_HORIZON;
}

/* The moment that begins with this event. */
static struct moment moment_at(const struct cm_trace *t, size_t first)
{
    const struct cm_trace_event *e = t->events;
    struct moment m = {.first = first, .looks = first, .end = first + 1};
    if (stands_alone(e[first].what))
        return m;
    while (m.looks < t->n && e[m.looks].what == CM_TRACE_LOOK && e[m.looks].at == e[first].at)
        m.looks++;
    for (m.end = m.looks; m.end < t->n && e[m.end].at == e[first].at; m.end++) {
        if (e[m.end].what == CM_TRACE_LOOK || stands_alone(e[m.end].what))
            break;
        m.acts = m.acts || is_order(e[m.end].what);
    }
    return m;
}

/* Numbers may differ: they are why the last one is shown. */
static bool same_look(const struct cm_trace_look *a, const struct cm_trace_look *b)
{
    return a->gate == b->gate && a->verdict.label == b->verdict.label &&
           a->verdict.rule == b->verdict.rule && a->verdict.decisive == b->verdict.decisive;
}

/* Whether `next` only says again what `m` said, so that `m` may be left out. */
static bool repeats(const struct cm_trace *t, const struct moment *m, const struct moment *next)
{
    const struct cm_trace_event *e = t->events;
    size_t looks = m->looks - m->first;
    if (m->acts || looks == 0 || next->looks - next->first != looks)
        return false;
    for (size_t i = 0; i < looks; i++)
        if (!same_look(e[m->first + i].look, e[next->first + i].look))
            return false;
    if (next->acts)
        return true;
    if (m->end - m->looks != next->end - next->looks)
        return false;
    for (size_t i = 0; i < m->end - m->looks; i++)
        if (e[m->looks + i].form != e[next->looks + i].form)
            return false;
    return true;
}

/* --- rows --- */

/* The columns before the last one, blank where there is nothing to say. */
static void begin_row(const struct timeline *l, const struct cm_trace_event *e,
                      struct cm_buffer *row)
{
    struct cm_buffer weight = {0}, label = {0};
    struct cm_writer to = cm_buffer_writer(row);
    const char *gate = e->look ? e->look->gate->name : "";
    cm_buffer_clear(row);
    cm_trace_say_weight(e->canary_share, cm_buffer_writer(&weight));
    if (e->look)
        cm_trace_say_label(e->look->verdict.label, cm_buffer_writer(&label));
    cm_print(to, "  ");
    cm_trace_say_time(e->at, l->fine, to);
    cm_print(to, "  %6s  %-*s", weight.text, (int)l->gate_width, gate);
    if (strlen(gate) > l->gate_width) { /* a long name has the line for itself */
        cm_write_wrapped(l->to, row->text, "");
        cm_buffer_clear(row);
        cm_print(to, "%*s", (int)(l->gate_width + (l->fine ? 24 : 20)), "");
    }
    cm_print(to, "  %-*s  ", (int)l->label_width, label.text ? label.text : "");
    cm_buffer_release(&weight);
    cm_buffer_release(&label);
}

/* One paragraph of the last column, and blank columns for the next. */
static void say(const struct timeline *l, struct cm_buffer *row, struct cm_buffer *text)
{
    if (text->length > 0)
        cm_write_wrapped(l->to, row->text, text->text);
    if (text->length > 0)
        memset(row->text, ' ', row->length);
    cm_buffer_clear(text);
}

/* Two paragraphs: the verdict, and what it was made of. */
static void write_look(const struct timeline *l, const struct cm_trace_event *e,
                       struct cm_buffer *row)
{
    struct cm_buffer text = {0};
    begin_row(l, e, row);
    cm_trace_say_verdict(e->look, cm_buffer_writer(&text));
    say(l, row, &text);
    cm_trace_say_arms(e->look, e->at, cm_buffer_writer(&text));
    say(l, row, &text);
    cm_buffer_release(&text);
}

/* --- what the policy does --- */

/* The first event of a kind among what the controller did, or NULL. */
static const struct cm_trace_event *find(const struct cm_trace *t, const struct moment *m,
                                         enum cm_trace_what what)
{
    for (size_t i = m->looks; i < m->end; i++)
        if (t->events[i].what == what)
            return &t->events[i];
    return NULL;
}

/* The outcome below says where the traffic went. */
static void say_end(const struct cm_trace_event *finish, struct cm_writer to)
{
    static const char *const ends[CM_ENDS] = {
        [CM_PROMOTED] = "promotes",
        [CM_ROLLED_BACK] = "rolls back",
        [CM_STUCK] = "ends, with the traffic as it is",
        [CM_SUPERSEDED] = "ends for a newer release",
        [CM_PAUSED] = "pauses",
        [CM_TIMED_OUT] = "ends",
    };
    cm_print(to, "%s", ends[finish->end]);
}

/* The weight that was ordered, as a movement from that of the looks. */
static void say_movement(const struct cm_trace *t, const struct moment *m,
                         const struct cm_trace_event *weight, struct cm_writer to)
{
    const struct cm_trace_event *step = find(t, m, CM_TRACE_STEP);
    double before = m->first > 0 ? t->events[m->first - 1].canary_share : 0;
    bool first = before <= 0;
    cm_print(to, "%s ",
             first                           ? "begins with"
             : weight->canary_share > before ? "advances to"
             : weight->canary_share < before ? "goes back to"
                                             : "goes on at");
    cm_trace_say_weight(weight->canary_share, to);
    if (step)
        cm_print(to, " (step %d)", step->step);
}

/* "-> advances to 5 % (step 2): the look passes; a step begins" */
static void say_action(const struct cm_trace *t, const struct moment *m, struct cm_writer to)
{
    const struct cm_trace_event *finish = find(t, m, CM_TRACE_FINISH);
    const struct cm_trace_event *weight = find(t, m, CM_TRACE_WEIGHT);
    const char *between = ": ";
    cm_print(to, "-> ");
    if (finish) {
        say_end(finish, to);
    } else if (weight) {
        say_movement(t, m, weight, to);
    } else {
        /* whether it waits or holds is in the controller's own words */
        cm_print(to, find(t, m, CM_TRACE_PAUSE) ? "pauses at " : "stays at ");
        cm_trace_say_weight(t->events[m->first].canary_share, to);
    }
    for (size_t i = m->looks; i < m->end; i++) {
        if (t->events[i].what != CM_TRACE_SAY)
            continue;
        cm_print(to, "%s%s", between, t->events[i].sentence);
        between = "; ";
    }
}

/* --- moments as rows --- */

/* What nobody ordered. */
static void say_event(const struct cm_trace *t, const struct cm_trace_event *e, struct cm_writer to)
{
    if (e->what == CM_TRACE_ONSET) {
        cm_print(to, "onset: from here on %s can touch requests", t->defect->name);
    } else if (e->what == CM_TRACE_PODS) {
        cm_print(to, "%s: %d of %d pod%s available", cm_words_arms[e->arm], e->pods.available,
                 e->pods.wanted, e->pods.wanted == 1 ? "" : "s");
    } else if (e->what == CM_TRACE_PEOPLE) {
        cm_print(to, "people notice: all traffic to stable");
    } else {
        bool harms = t->outcome.end == CM_PROMOTED || t->outcome.end == CM_STUCK;
        cm_print(to, "the observation ends%s", harms ? "; nobody has noticed" : "");
    }
}

/* Rows for the gates, then what came of it; a moment without looks has one row. */
static void write_moment(const struct timeline *l, const struct moment *m)
{
    const struct cm_trace *t = l->trace;
    struct cm_buffer row = {0}, text = {0};
    for (size_t i = m->first; i < m->looks; i++)
        write_look(l, &t->events[i], &row);
    if (m->looks == m->first)
        begin_row(l, &t->events[m->end - 1], &row);
    if (stands_alone(t->events[m->first].what))
        say_event(t, &t->events[m->first], cm_buffer_writer(&text));
    else
        say_action(t, m, cm_buffer_writer(&text));
    say(l, &row, &text);
    cm_buffer_release(&row);
    cm_buffer_release(&text);
}

/* --- folding --- */

/* "said undecided", "passed"; gates that differ "said the same". */
static void say_labels(const struct cm_trace *t, const struct moment *m, struct cm_writer to)
{
    enum cm_label label = t->events[m->first].look->verdict.label;
    for (size_t i = m->first; i < m->looks; i++) {
        if (t->events[i].look->verdict.label == label)
            continue;
        cm_print(to, "looks said the same");
        return;
    }
    cm_print(to, label == CM_PASS ? "looks passed" : "looks said ");
    if (label != CM_PASS)
        cm_trace_say_label(label, to);
}

/* ", every 15s", if they come at equal distances. */
static void say_rhythm(const struct timeline *l, size_t first, size_t last, struct cm_writer to)
{
    const struct cm_trace_event *e = l->trace->events;
    cm_time every = e[l->moments[first + 1].first].at - e[l->moments[first].first].at;
    for (size_t i = first; i < last; i++)
        if (e[l->moments[i + 1].first].at - e[l->moments[i].first].at != every)
            return;
    cm_print(to, ", every ");
    cm_units_print_time(every, to);
}

/* ", errors 0 % to 0.9 %", of a single gate. */
static void say_values(const struct timeline *l, size_t first, size_t last, struct cm_writer to)
{
    const struct cm_trace_event *e = l->trace->events;
    const struct moment *m = &l->moments[last];
    double low = INFINITY, high = -INFINITY;
    if (m->looks - m->first != 1)
        return;
    for (size_t i = first; i <= last; i++) {
        double value = e[l->moments[i].first].look->verdict.why.value;
        low = fmin(low, value);
        high = fmax(high, value);
    }
    if (!(low < high))
        return;
    cm_print(to, ", ");
    cm_trace_say_range(e[m->first].look, low, high, to);
}

/* Moments first .. last as one line; the last follows in full. */
static void write_fold(const struct timeline *l, size_t first, size_t last)
{
    const struct cm_trace *t = l->trace;
    struct cm_trace_event begin = t->events[l->moments[first].first];
    struct cm_buffer row = {0}, text = {0};
    struct cm_writer to = cm_buffer_writer(&text);
    begin.look = NULL; /* the row is nobody's */
    begin_row(l, &begin, &row);
    cm_print(to, "%zu ", last - first + 1);
    say_labels(t, &l->moments[last], to);
    say_rhythm(l, first, last, to);
    say_values(l, first, last, to);
    cm_print(to, "; the last:");
    say(l, &row, &text);
    cm_buffer_release(&row);
    cm_buffer_release(&text);
}

/* --- the whole --- */

/* At most one moment an event. */
static void collect(struct timeline *l)
{
    const struct cm_trace *t = l->trace;
    l->moments = cm_alloc((t->n + 1) * sizeof *l->moments);
    for (size_t i = 0; i < t->n; i = l->moments[l->n++].end)
        l->moments[l->n] = moment_at(t, i);
}

/* Columns are as wide as what stands in them; very long names have a line for themselves. */
static void measure(struct timeline *l)
{
    l->gate_width = strlen("gate");
    l->label_width = strlen("says");
    for (size_t i = 0; i < l->trace->n; i++) {
        const struct cm_trace_event *e = &l->trace->events[i];
        if (!e->look)
            continue;
        size_t gate = strlen(e->look->gate->name);
        size_t label = strlen(cm_label_names[e->look->verdict.label]);
        if (gate > l->gate_width)
            l->gate_width = gate > LONGEST_NAME ? LONGEST_NAME : gate;
        if (label > l->label_width)
            l->label_width = label;
        l->fine = l->fine || e->at % CM_SECOND != 0;
    }
}

/* A rule as long as the longest sentence that fits, not to the margin at any price. */
static void write_heading(const struct timeline *l)
{
    static const char rule[] = "----------------------------------------------------------------";
    int time = l->fine ? 12 : 8, gate = (int)l->gate_width, label = (int)l->label_width;
    int why = 100 - 2 - time - 2 - 6 - 2 - gate - 2 - label - 2;
    why = why > (int)sizeof rule - 1 ? (int)sizeof rule - 1 : why;
    cm_print(l->to, "  %-*s  weight  %-*s  %-*s  why\n", time, "time", gate, "gate", label, "says");
    cm_print(l->to, "  %.*s  ------  %.*s  %.*s  %.*s\n", time, rule, gate, rule, label, rule, why,
             rule);
}

/* A run of repetitions ends where something differs, or with the moment that acts. */
void cm_trace_timeline(const struct cm_trace *t, bool all, struct cm_writer to)
{
    struct timeline l = {.trace = t, .to = to};
    collect(&l);
    measure(&l);
    write_heading(&l);
    for (size_t i = 0, last; i < l.n; i = last + 1) {
        last = i;
        while (!all && last + 1 < l.n && repeats(t, &l.moments[last], &l.moments[last + 1]))
            last++;
        if (last - i + 1 >= FOLDED)
            write_fold(&l, i, last);
        else
            last = i;
        write_moment(&l, &l.moments[last]);
    }
    cm_print(to, "\n");
    cm_free(l.moments);
}
