/* What one gate said at one look, in numbers and words.
 *
 * Limits are said as they were written (those that were worked out: to three digits), the values
 * held against them to three digits, or as many more as it takes to stay on their side of the
 * limit: 1.002 % > 1 %, never 1 % > 1 %. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/trace_parts.h"
#include "analysis/words.h"
#include "sim/base/units.h"

static const char *const arm_names[CM_ARMS] = {
    [CM_STABLE] = "stable", [CM_CANARY] = "canary", [CM_BASELINE] = "baseline"};

void cm_trace_say_time(cm_time at, bool fine, struct cm_writer to)
{
    cm_print(to, "%02lld:%02lld:%02lld", (long long)(at / CM_HOUR),
             (long long)(at / CM_MINUTE % 60), (long long)(at / CM_SECOND % 60));
    if (fine)
        cm_print(to, ".%03lld", (long long)(at % CM_SECOND / 1000000));
}

/* no_data is a word of files and programs. */
void cm_trace_say_label(enum cm_label label, struct cm_writer to)
{
    cm_print(to, "%s", label == CM_NO_DATA ? "no data" : cm_label_names[label]);
}

/* --- numbers --- */

/* What a number is and in what. */
struct measured {
    enum cm_scale scale;
    enum cm_unit unit; /* of the metric */
};

/* As in a file, but for the blank before a sign of percent. */
static void say_number(double value, struct measured as, struct cm_writer to)
{
    struct cm_buffer text = {0};
    bool metric = as.scale == CM_SCALE_METRIC || as.scale == CM_SCALE_DIFFERENCE;
    bool points = as.scale == CM_SCALE_DIFFERENCE && as.unit == CM_RATIO;
    if (isinf(value)) { /* of a control without errors */
        cm_print(to, "inf");
        return;
    }
    if (points)
        cm_units_print_points(value, cm_buffer_writer(&text));
    else
        cm_units_print(value, metric ? as.unit : CM_PURE, cm_buffer_writer(&text));
    size_t percent = strcspn(text.text, "%");
    cm_print(to, "%s%s%.*s%s", as.scale == CM_SCALE_RATIO ? "x" : "",
             as.scale == CM_SCALE_DIFFERENCE && value >= 0 ? "+" : "", (int)percent, text.text,
             text.text[percent] ? " %" : "");
    cm_buffer_release(&text);
}

/* Rounded to three digits, or to the fewest more that keep it apart from the limit (NAN = none). */
static double rounded(double value, double limit)
{
    for (int digits = 3; digits < 17; digits++) {
        char text[40];
        snprintf(text, sizeof text, "%.*g", digits, value);
        double near = strtod(text, NULL);
        if ((near < limit) == (value < limit) && (near > limit) == (value > limit))
            return near;
    }
    return value;
}

/* Weights come from the file: all their digits are meant. */
void cm_trace_say_weight(double share, struct cm_writer to)
{
    say_number(share, (struct measured){CM_SCALE_METRIC, CM_RATIO}, to);
}

/* A value that is held against nothing. */
static void say_short(double value, enum cm_unit unit, struct cm_writer to)
{
    say_number(rounded(value, NAN), (struct measured){CM_SCALE_METRIC, unit}, to);
}

/* --- a verdict --- */

/* A gate without metrics (one that combines others) has pure numbers. */
static struct measured measured_of(const struct cm_trace_look *look)
{
    enum cm_unit unit = CM_PURE;
    if (look->n_signals > 0)
        unit = cm_metric_unit(&look->signals[0].metric->metric);
    return (struct measured){look->verdict.why.scale, unit};
}

/* What the value is of. */
static void say_subject(const struct cm_trace_look *look, struct cm_writer to)
{
    enum cm_scale scale = look->verdict.why.scale;
    if (scale == CM_SCALE_P)
        cm_print(to, "p ");
    else if (scale == CM_SCALE_LOG_E)
        cm_print(to, "log e ");
    else if (scale == CM_SCALE_SCORE)
        cm_print(to, "score ");
    else if (look->n_signals > 0)
        cm_print(to, "%s ", look->signals[0].metric->name);
    if (scale == CM_SCALE_DIFFERENCE || scale == CM_SCALE_RATIO)
        cm_print(to, "against %s ", arm_names[look->control]);
}

/* What the gate says beside the value that it decides by. */
static void say_also(const struct cm_evidence *why, struct cm_writer to)
{
    const struct measured pure = {CM_SCALE_P, CM_PURE};
    if (why->scale != CM_SCALE_LOG_E && !isnan(why->log_e)) {
        cm_print(to, ", log e ");
        say_number(rounded(why->log_e, NAN), pure, to);
    }
    if (why->scale != CM_SCALE_P && !isnan(why->p)) {
        cm_print(to, ", p ");
        say_number(rounded(why->p, NAN), pure, to);
    }
}

/* Limits that nobody wrote: ln(1 / alpha), or alpha divided by looks. */
static bool is_derived(enum cm_scale scale)
{
    return scale == CM_SCALE_P || scale == CM_SCALE_LOG_E;
}

/* "errors 5 % [4 %, 6 %] > 1 %, p 0.03", as much of it as there is. */
static void say_comparison(const struct cm_trace_look *look, struct cm_writer to)
{
    const struct cm_evidence *why = &look->verdict.why;
    const struct measured as = measured_of(look);
    say_subject(look, to);
    say_number(rounded(why->value, why->limit), as, to);
    if (as.scale != CM_SCALE_SCORE && !isnan(why->low) && !isnan(why->high)) {
        cm_print(to, " [");
        say_number(rounded(why->low, why->limit), as, to);
        cm_print(to, ", ");
        say_number(rounded(why->high, why->limit), as, to);
        cm_print(to, "]");
    }
    if (!isnan(why->limit)) {
        cm_print(to, " %s ", why->value > why->limit ? ">" : why->value < why->limit ? "<" : "=");
        say_number(is_derived(as.scale) ? rounded(why->limit, why->value) : why->limit, as, to);
    }
    say_also(why, to);
}

/* Numbers first: the rule is the same sentence each time. */
void cm_trace_say_verdict(const struct cm_trace_look *look, struct cm_writer to)
{
    const struct cm_verdict *v = &look->verdict;
    const char *const *rules = look->gate->gate->rules;
    bool rule = rules && v->rule >= 0;
    if (!isnan(v->why.value)) {
        say_comparison(look, to);
        cm_print(to, rule ? ": " : "");
    }
    cm_print(to, "%s%s", rule ? rules[v->rule] : "", v->decisive ? " (decisive)" : "");
}

/* Both ends keep to their side of the limit. */
void cm_trace_say_range(const struct cm_trace_look *like, double low, double high,
                        struct cm_writer to)
{
    const struct measured as = measured_of(like);
    say_subject(like, to);
    say_number(rounded(low, like->verdict.why.limit), as, to);
    cm_print(to, " to ");
    say_number(rounded(high, like->verdict.why.limit), as, to);
}

/* --- both arms --- */

/* Of a window the arms as it showed them; else the counts behind the verdict. */
static struct cm_trace_arm arm_of(const struct cm_trace_look *look, enum cm_arm arm)
{
    const struct cm_evidence *why = &look->verdict.why;
    if (look->windows)
        return look->signals[0].arm[arm];
    uint64_t n = arm == CM_CANARY ? why->n1 : why->n0, x = arm == CM_CANARY ? why->x1 : why->x0;
    return (struct cm_trace_arm){
        .value = n > 0 ? (double)x / (double)n : NAN, .requests = n, .errors = x};
}

/* What of an arm's requests were counted as bad; NULL = nothing was. A latency has only its
 * requests, unless a gate counted slow ones among them. */
static const char *bad_ones(const struct cm_trace_look *look)
{
    const struct cm_evidence *why = &look->verdict.why;
    if (look->signals[0].metric->metric.signal == CM_ERROR_RATIO)
        return "";
    return look->windows || why->x0 + why->x1 == 0 ? NULL : " slow";
}

/* What the n of a metric counts. */
static const char *counted_of(const struct cm_metric *metric)
{
    return metric->signal == CM_KPI_MEAN     ? "label"
           : metric->signal == CM_GAUGE_MEAN ? "sample"
                                             : "request";
}

static void say_arm(const struct cm_trace_look *look, enum cm_arm arm, struct cm_writer to)
{
    const struct cm_metric *metric = &look->signals[0].metric->metric;
    struct cm_trace_arm a = arm_of(look, arm);
    const char *bad = bad_ones(look);
    cm_print(to, "%s ", arm_names[arm]);
    if (a.state == CM_GATE_ERROR) {
        cm_print(to, "unknown");
    } else if (a.requests == 0 && isnan(a.value)) {
        cm_print(to, "no %ss", counted_of(metric));
    } else {
        if (bad) {
            cm_words_count(a.errors, to);
            cm_print(to, "%s of ", bad);
        }
        cm_words_count(a.requests, to);
        if (!bad)
            cm_print(to, " %s%s", counted_of(metric), a.requests == 1 ? "" : "s");
    }
    if (isnan(a.value) || (!bad && !look->windows))
        return;
    cm_print(to, " (");
    say_short(a.value, bad ? CM_RATIO : cm_metric_unit(metric), to);
    cm_print(to, ")");
}

/* Since when the counts are. */
static void say_since(const struct cm_trace_look *look, cm_time now, struct cm_writer to)
{
    double before = look->signals[0].before;
    if (look->windows) {
        cm_print(to, " in ");
        cm_units_print_time(now - look->signals[0].from, to);
        if (before > 0) {
            cm_print(to, ", ");
            say_short(before, CM_RATIO, to);
            cm_print(to, " of it from before the weight changed");
        }
    } else if (look->counts_from == 0) {
        cm_print(to, " since the release");
    } else if (look->counts_from != CM_NEVER && look->counts_from == look->step_since) {
        cm_print(to, " since the step began");
    }
}

/* A monitor that did not answer has shown nothing to count. */
void cm_trace_say_arms(const struct cm_trace_look *look, cm_time now, struct cm_writer to)
{
    const struct cm_evidence *why = &look->verdict.why;
    if (look->n_signals == 0 || (!look->windows && why->n0 + why->n1 == 0))
        return;
    if (look->windows && look->signals[0].arm[CM_CANARY].state == CM_GATE_ERROR)
        return;
    say_arm(look, CM_CANARY, to);
    cm_print(to, ", ");
    say_arm(look, look->control, to);
    say_since(look, now, to);
}
