/* What was assumed, in the order in which it matters to the numbers: harm after promotion first,
 * because it decides the blast radius of everything that is missed, then the weights, then the
 * clock of the traffic, then what the simulation does not model, then the statistics. */
#include <math.h>

#include "analysis/report_parts.h"
#include "analysis/words.h"
#include "sim/base/units.h"
#include "sim/scenario/flow_kind.h"
#include "sim/scenario/sections.h"

void cm_report_say(struct cm_table *sentences, struct cm_buffer *sentence)
{
    cm_table_text(sentences, sentence->text);
    cm_buffer_clear(sentence);
}

/* --- assumptions --- */

/* "Assumed" if the file leaves it to the default: nobody has measured it for this service. */
static void say_escape(const struct cm_scenario *s, struct cm_table *out, struct cm_buffer *text)
{
    struct cm_writer to = cm_buffer_writer(text);
    const struct cm_entry *entry = s->n_entries > 0 ? cm_scenario_entry(s, "escape") : NULL;
    bool assumed = !entry || entry->common_origin[0].from == CM_FROM_DEFAULT;
    cm_print(to, "People notice a promoted defect after ");
    cm_type_law.print(NULL, &s->escape.detection, to);
    cm_print(to, " (%s); harm is counted until then, or until the horizon.",
             assumed ? "assumed: set escape.detection" : "given");
    cm_report_say(out, text);
}

/* A defect without a prior is studied, but weighs nothing. */
static void say_priors(const struct cm_results *r, struct cm_table *out, struct cm_buffer *text)
{
    struct cm_writer to = cm_buffer_writer(text);
    if (r->scenario->n_defects == 0)
        return;
    if (!cm_results_has_priors(r)) {
        cm_print(to, "No defect has a prior: how likely a rollback is right, and what a release "
                     "costs, is not said.");
        cm_report_say(out, text);
        return;
    }
    cm_print(to, "Priors as given: ");
    for (int i = 0; i < (int)r->scenario->n_defects; i++) {
        cm_print(to, "%s ", cm_results_release_name(r, i));
        cm_words_share(cm_results_prior(r, i), to);
        cm_print(to, isnan(r->scenario->defects[i].effect.prior) ? " (none given), " : ", ");
    }
    cm_print(to, "healthy the rest, ");
    cm_words_share(cm_results_prior(r, -1), to);
    cm_print(to, ".");
    cm_report_say(out, text);
}

/* Only traffic with a clock has moments that differ. */
static void say_start(const struct cm_scenario *s, struct cm_table *out, struct cm_buffer *text)
{
    struct cm_writer to = cm_buffer_writer(text);
    /* A day, a week, a recording; 0 = every moment is like any other. */
    cm_time span = s->arrivals->span ? s->arrivals->span(s->arrivals_options) : 0;
    if (span == 0)
        return;
    if (s->run.start.random || !s->arrivals->repeats) { /* recordings know no weekdays */
        cm_print(to, "A release is created at a random moment of the ");
        cm_units_print_time(span, to);
        cm_print(to, " that the traffic covers.");
    } else {
        cm_print(to, "Every release is created at the same moment of the traffic's clock, ");
        cm_type_start.print(NULL, &s->run.start, to);
        cm_print(to, ".");
    }
    cm_report_say(out, text);
}

/* The first clause of why requests are drawn one by one is that of `coalmine check`. */
static void say_flow(const struct cm_scenario *s, struct cm_table *out, struct cm_buffer *text)
{
    struct cm_writer to = cm_buffer_writer(text);
    const char *obstacle = cm_flow_kind_obstacle(s);
    if (cm_flow_kind_of(s) == CM_FLOW_COUNTS)
        cm_print(to, "Counts are drawn, not requests; of answers that take very long fewer than 1 "
                     "in 10^7 are counted before their time, none is lost.");
    else
        cm_print(to, "Every request is drawn%s%s. Nothing queues: servers are as many as needed.",
                 obstacle ? ": " : "", obstacle ? obstacle : "");
    cm_report_say(out, text);
}

/* Who the users are, where they are counted. */
static void say_users(const struct cm_scenario *s, struct cm_table *out, struct cm_buffer *text)
{
    static const char *const stays[] = {
        [CM_STICKY_NONE] = "each request goes to a version by itself",
        [CM_STICKY_HASH] = "a hash of the user decides about the version",
        [CM_STICKY_RATCHET] = "whoever the canary has served goes on to the canary",
    };
    struct cm_writer to = cm_buffer_writer(text);
    if (!cm_users_given(&s->users))
        return;
    cm_words_count(s->users.population, to);
    cm_print(to, " users send the requests, ");
    if (isnan(s->users.activity))
        cm_print(to, "all as many");
    else
        cm_print(to, "as many as a gamma law of shape %.3g says", s->users.activity);
    cm_print(to, "; %s. Nobody comes or goes during a release.", stays[s->users.stickiness]);
    cm_report_say(out, text);
}

static void say_lag(const struct cm_scraping *how, struct cm_writer to)
{
    if (how->lag == 0 && how->lag_spread == 0)
        return;
    cm_print(to, ", and shows ");
    cm_units_print_time(how->lag, to);
    if (how->lag_spread > 0) {
        cm_print(to, " to ");
        cm_units_print_time(how->lag + how->lag_spread, to);
    }
    cm_print(to, " later");
}

/* What stands between answers and gates. */
static void say_monitor(const struct cm_scenario *s, struct cm_table *out, struct cm_buffer *text)
{
    struct cm_writer to = cm_buffer_writer(text);
    const struct cm_scraping *how = s->scraping;
    if (how) {
        cm_print(to,
                 "Gates see what Prometheus would: each pod (%llu stable, %llu canary) is scraped "
                 "every ",
                 (unsigned long long)s->pods.stable, (unsigned long long)s->pods.canary);
        cm_units_print_time(how->scrape_every, to);
        say_lag(how, to);
        if (how->scrape_loss > 0 || how->provider_errors > 0)
            cm_print(to, "; of scrapes %.3g %% fail, of queries %.3g %%", 100 * how->scrape_loss,
                     100 * how->provider_errors);
    } else {
        cm_print(to, "Monitoring is exact: a look reads every request answered in its window, "
                     "without scrape delay or loss");
    }
    cm_print(to, ". A request counts when it is answered, by the version that answered it.");
    cm_report_say(out, text);
}

/* What holds for every study. */
static void say_plainly(const char *sentence, struct cm_table *out)
{
    cm_table_text(out, sentence);
}

/* A sentence stands here only if a reader could think otherwise. Whatever the model adds (scrapes,
 * users, queues) has to come and change the sentence that says it is left out. */
void cm_report_assumptions(const struct cm_findings *f, struct cm_table *sentences)
{
    const struct cm_scenario *s = f->results->scenario;
    struct cm_buffer text = {0};
    const char *note = s->arrivals->note ? s->arrivals->note(s->arrivals_options) : NULL;
    if (s->n_defects > 0)
        say_escape(s, sentences, &text);
    say_priors(f->results, sentences, &text);
    say_start(s, sentences, &text);
    if (s->n_defects > 0 && !f->results->smallest)
        say_plainly("The smallest effect that a policy sees was not looked for.", sentences);
    if (note) {
        cm_print(cm_buffer_writer(&text), "Traffic: %s.", note);
        cm_report_say(sentences, &text);
    }
    say_users(s, sentences, &text);
    say_monitor(s, sentences, &text);
    say_flow(s, sentences, &text);
    say_plainly("Replication i meets the same release, traffic and incidents under every policy: "
                "differences between policies are surer than their limits suggest.",
                sentences);
    say_plainly("Limits are 95 %: Wilson's for shares (one-sided where none or all were seen), "
                "Student's for means, order statistics for quantiles, a log-log band for times "
                "that may not be reached.",
                sentences);
    cm_buffer_release(&text);
}
