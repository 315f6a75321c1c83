/* coalmine help: about commands, about everything a scenario file can say, and a few pages of
 * prose. What is asked for may be misspelt, in the plural, or only the last word of its name.
 *
 * Commands and pages are looked at before sections: their names are few, and a section that shared
 * one would still be found by its kinds and keys. Where a word means several keys, all
 * of them are explained: the user sees at once which one was meant. */
#include <errno.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pages.h"
#include "cli/sections.h"
#include "sim/base/text.h"
#include "sim/scenario/describe.h"

static const struct argp_option options[] = {CM_OPTION_HELP, {0}};

struct request {
    const struct cm_command *command;
    const char *topic;
};

/* The topic is optional; there is no more than one. */
static error_t parse(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    if (request->topic) {
        cm_options_fail(request->command, "explains one topic, but got '%.60s' and '%.60s'",
                        request->topic, text);
        return EINVAL;
    }
    request->topic = text;
    return 0;
}

static const struct argp usage = {
    .options = options,
    .parser = parse,
    .args_doc = "[TOPIC]",
    .doc = "Explains a command, a section of scenario files, one of its kinds or keys, or a page. "
           "Without a topic, lists them.\v"
           "  coalmine help run\n  coalmine help gates\n  coalmine help gate.threshold\n"
           "  coalmine help defect.profile\n  coalmine help dispersion",
};

/* --- answers --- */

/* What to ask next stands last, where the eye ends up. */
static void list_topics(const struct cm_section *const *sections, struct cm_writer to)
{
    enum { WIDTH = 14 };
    cm_print(to, "Commands\n");
    for (size_t i = 0; cm_commands[i]; i++)
        cm_print(to, "  %-*s %s\n", WIDTH, cm_commands[i]->name, cm_commands[i]->summary);
    cm_print(to, "\nSections of a scenario file\n");
    cm_describe_index(sections, to);
    cm_print(to, "\nPages\n");
    for (const struct cm_page_of_help *page = cm_pages; page->name; page++)
        cm_print(to, "  %-*s %s\n", WIDTH, page->name, page->summary);
    cm_print(to, "\nMore on each: coalmine help TOPIC. Kinds and keys are topics, too:\n"
                 "coalmine help gates, gate.threshold, traffic.dispersion, defect.profile\n");
}

/* Whether a list of words with blanks between them has this one. */
static bool has_word(const char *words, const char *word)
{
    struct cm_slice rest = cm_slice_of(words), part;
    while (cm_slice_cut(&rest, ' ', &part))
        if (cm_slice_is(part, word))
            return true;
    return false;
}

/* The name of a command, of a page, or a word that leads to one. */
static bool explain_page(const char *topic, const struct cm_section *const *sections)
{
    const struct cm_command *command = cm_command_find(topic);
    if (command) {
        cm_options_help(command);
        return true;
    }
    for (const struct cm_page_of_help *page = cm_pages; page->name; page++) {
        if (strcmp(page->name, topic) == 0 || has_word(page->also, topic)) {
            page->print(sections, cm_output_data());
            return true;
        }
    }
    return false;
}

/* Everything that matches best. */
static bool explain_topic(const char *question, const struct cm_topics *topics)
{
    /* Several topics may match equally well: a key of many kinds is explained for all. */
    int best = 1;
    size_t shown = 0;
    for (size_t i = 0; i < topics->n; i++) {
        int match = cm_describe_match(question, &topics->list[i]);
        best = match > best ? match : best;
    }
    for (size_t i = 0; i < topics->n; i++) {
        if (cm_describe_match(question, &topics->list[i]) != best)
            continue;
        if (shown++)
            cm_print(cm_output_data(), "\n");
        cm_describe_topic(&topics->list[i], cm_output_data());
    }
    return shown > 0;
}

/* The nearest of everything that would have been understood, last words included. */
static int fail_unknown(const char *question, const struct cm_topics *topics)
{
    struct cm_guess guess = cm_guess_start(question);
    for (size_t i = 0; cm_commands[i]; i++)
        cm_guess_try(&guess, cm_commands[i]->name);
    for (const struct cm_page_of_help *page = cm_pages; page->name; page++)
        cm_guess_try(&guess, page->name);
    cm_guess_try(&guess, "include");
    cm_guess_try(&guess, "extends");
    for (size_t i = 0; i < topics->n; i++) {
        const char *last = strrchr(topics->list[i].name, '.');
        cm_guess_try(&guess, topics->list[i].name);
        if (last)
            cm_guess_try(&guess, last + 1);
    }
    if (guess.best)
        cm_print(cm_output_talk(), "coalmine help: unknown topic '%.60s' (did you mean '%s'?)\n",
                 question, guess.best);
    else
        cm_print(cm_output_talk(), "coalmine help: unknown topic '%.60s'\n", question);
    cm_print(cm_output_talk(), "Topics are listed by: coalmine help\n");
    return CM_EXIT_USAGE;
}

/* Topics are made for the question and forgotten with it: there are a few hundred. */
static int explain(const char *topic)
{
    struct cm_arena arena = {0};
    const struct cm_section *const *sections = cm_sections_all(&arena);
    struct cm_topics topics = cm_describe_topics(sections, &arena);
    int status = CM_EXIT_OK;
    if (!topic)
        list_topics(sections, cm_output_data());
    else if (!explain_page(topic, sections) && !explain_topic(topic, &topics))
        status = fail_unknown(topic, &topics);
    cm_arena_release(&arena);
    return status;
}

/* Every topic, for completion. */
static void print_topics(struct cm_writer to)
{
    struct cm_arena arena = {0};
    struct cm_topics topics = cm_describe_topics(cm_sections_all(&arena), &arena);
    for (size_t i = 0; cm_commands[i]; i++)
        cm_print(to, "%s\t%s\n", cm_commands[i]->name, cm_commands[i]->summary);
    for (const struct cm_page_of_help *page = cm_pages; page->name; page++)
        cm_print(to, "%s\t%s\n", page->name, page->summary);
    for (size_t i = 0; i < topics.n; i++) {
        const struct cm_topic *t = &topics.list[i];
        cm_print(to, "%s\t%s\n", t->name,
                 t->row    ? t->row->help
                 : t->kind ? t->kind->summary
                           : t->section->summary);
    }
    cm_arena_release(&arena);
}

static int run(const struct cm_command *self, int argc, char **argv)
{
    struct request request = {.command = self};
    int status;
    return cm_options_parse(self, argc, argv, &request, &status) ? explain(request.topic) : status;
}

const struct cm_command cm_command_help = {
    .name = "help",
    .summary = "Explain a command, a section, a kind or a key.",
    .usage = &usage,
    .run = run,
    .words = print_topics,
};
