/* What a word of a command line may become, from the tables: commands, options, what they take, and
 * sections and keys of the scenario that stands on the line.
 *
 * All shells ask this, so that they agree, and their scripts (complete_scripts.c) know no option. A
 * scenario that cannot be read completes nothing: somebody may be halfway through writing it. */
#include "cli/complete.h"

#include <stdbool.h>
#include <string.h>

#include "analysis/results.h"
#include "cli/command.h"
#include "cli/headers.h"
#include "cli/progress.h"
#include "cli/rows.h"
#include "cli/sections.h"
#include "cli/source_file.h"
#include "sim/base/text.h"
#include "sim/scenario/flow_kind.h"

/* A line being completed. */
struct line {
    const char *const *words;
    size_t n;
    const struct cm_command *command;
    struct cm_arena arena;
    struct cm_writer to;
};

static const char *current(const struct line *l)
{
    return l->words[l->n - 1];
}

/* Says "PREFIXword", if that is how the current word goes on. */
static void offer(const struct line *l, const char *prefix, const char *word, const char *meaning)
{
    struct cm_buffer whole = {0};
    cm_print(cm_buffer_writer(&whole), "%s%s", prefix, word);
    if (strncmp(whole.text, current(l), strlen(current(l))) == 0)
        cm_print(l->to, "%s\t%s\n", whole.text, meaning);
    cm_buffer_release(&whole);
}

static void offer_names(const struct line *l, const char *prefix, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        offer(l, prefix, names[i], "");
}

/* --- the scenario on the line --- */

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* The scenario may be an argument or the value of an option; it is told by its name. */
static const char *scenario_file(const struct line *l)
{
    for (size_t i = 2; i + 1 < l->n; i++) {
        const char *equals = strchr(l->words[i], '=');
        if (ends_with(l->words[i], ".ini"))
            return l->words[i][0] == '-' && equals ? equals + 1 : l->words[i];
    }
    return NULL;
}

/* False if there is none, or none that can be read. Release it in either case. */
static bool load(const struct line *l, struct cm_scenario *scenario)
{
    struct cm_diags diags = {0};
    const char *file = scenario_file(l);
    struct cm_load how = {.path = file, .source = cm_source_file(), .extra = cm_analysis_sections};
    *scenario = (struct cm_scenario){0};
    int status = file ? cm_scenario_load(scenario, &how, &diags) : -1;
    cm_diags_release(&diags);
    return !status;
}

/* The names of its sections of one sort. */
static void offer_sections(const struct line *l, const char *prefix, const char *section)
{
    struct cm_scenario s;
    if (load(l, &s))
        for (size_t i = 0; i < s.n_entries; i++)
            if (strcmp(s.entries[i].section->name, section) == 0)
                offer(l, prefix, s.entries[i].name, "");
    cm_scenario_release(&s);
}

/* --- keys --- */

/* Words that a key takes, behind "PREFIXsection.key=". */
static void offer_value(const struct line *l, const char *prefix, const struct cm_param *row)
{
    if (row->type == &cm_type_choice)
        offer_names(l, prefix, row->domain);
    else if (row->type == &cm_type_flag)
        offer_names(l, prefix, (const char *const[]){"yes", "no", NULL});
}

/* The key itself; its values once that is written. */
static void offer_key(const struct line *l, const char *prefix, const char *key,
                      const struct cm_param *row, const struct cm_section *section)
{
    struct cm_buffer whole = {0};
    cm_print(cm_buffer_writer(&whole), "%s%s=", prefix, key);
    bool written = strncmp(whole.text, current(l), whole.length) == 0;
    if (!written)
        offer(l, whole.text, "", row ? row->help : section->summary);
    else if (row)
        offer_value(l, whole.text, row);
    for (size_t i = 0; written && !row && section->kinds[i]; i++)
        offer(l, whole.text, section->kinds[i]->name, section->kinds[i]->summary);
    cm_buffer_release(&whole);
}

/* All keys of [section.name], those of the kind included; "" = no name, NULL = no kind. */
static void offer_keys(const struct line *l, const char *prefix, const struct cm_section *section,
                       const char *name, const struct cm_kind *kind)
{
    struct cm_buffer head = {0};
    cm_print(cm_buffer_writer(&head), "%s%s%s%s.", prefix, section->name, *name ? "." : "", name);
    if (section->kind_key)
        offer_key(l, head.text, section->kind_key, NULL, section);
    for (const struct cm_param *row = section->params; row && row->name; row++)
        offer_key(l, head.text, row->name, row, section);
    for (const struct cm_param *row = kind ? kind->params : NULL; row && row->name; row++)
        offer_key(l, head.text, row->name, row, section);
    cm_buffer_release(&head);
}

/* Of the scenario, or, where that is not known, of what every scenario has. */
static void offer_settings(struct line *l, const char *prefix)
{
    struct cm_scenario s;
    const struct cm_section *const *all = cm_sections_all(&l->arena);
    bool loaded = load(l, &s);
    for (size_t i = 0; i < s.n_entries && loaded; i++)
        offer_keys(l, prefix, s.entries[i].section, s.entries[i].name, s.entries[i].kind);
    for (; *all && !loaded; all++)
        if (!(*all)->named)
            offer_keys(l, prefix, *all, "", cm_kind_find((*all)->kinds, (*all)->kind_default));
    cm_scenario_release(&s);
}

/* --- options --- */

/* The kind that gives further options: named by an option, or by the first argument. */
static const struct cm_kind *kind_of(const struct line *l)
{
    const struct cm_kind *const *kinds = l->command->kinds;
    const char *option = l->command->kind_option, *name = l->n > 3 ? l->words[2] : "";
    size_t length = option ? strlen(option) : 0;
    for (size_t i = 2; option && i + 1 < l->n; i++) {
        if (strncmp(l->words[i], "--", 2) != 0 || strncmp(l->words[i] + 2, option, length) != 0)
            continue;
        name = l->words[i][2 + length] == '=' ? l->words[i] + 3 + length : l->words[i + 1];
    }
    for (size_t i = 0; kinds && kinds[i]; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return option && kinds ? kinds[0] : NULL;
}

/* Every option there is; `rows` is to be released. */
static const struct argp_option *options_of(const struct line *l, struct cm_rows *rows)
{
    const struct cm_kind *kind = kind_of(l);
    *rows = (struct cm_rows){0};
    if (!kind)
        return l->command->usage->options;
    cm_rows_init(rows, kind, 512);
    return cm_rows_argp(rows, l->command->usage->options);
}

/* Those of the command, then those that mean the same wherever they are. */
static const char *const *choice_of(const struct line *l, const char *option)
{
    static const struct cm_choice everywhere[] = {
        {"flow", cm_flow_kind_names}, {"progress", cm_progress_names}, {0}};
    for (const struct cm_choice *c = l->command->choices; c && c->option; c++)
        if (strcmp(c->option, option) == 0)
            return c->names;
    for (const struct cm_choice *c = everywhere; c->option; c++)
        if (strcmp(c->option, option) == 0)
            return c->names;
    return NULL;
}

/* Which files the words of a usage stand for, "FILE|STORE" for those of both: endings; NULL = none.
 */
static const char *endings_of(struct line *l, const char *usage)
{
    static const struct {
        const char *word, *endings;
    } files[] = {{".csv", " csv"},     {"FILE", " ini yaml yml json"},
                 {"STORE", " db"},     {"MANIFEST", " yaml yml json"},
                 {"SCENARIO", " ini"}, {"PART", " db"}};
    struct cm_buffer all = {0};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (strstr(usage, files[i].word))
            cm_print(cm_buffer_writer(&all), "%s", files[i].endings);
    const char *endings = all.length ? cm_arena_text(&l->arena, all.text, all.length) : NULL;
    cm_buffer_release(&all);
    return endings;
}

/* Sections that the value of an option names. */
static const char *section_of(const char *option)
{
    static const char *const options[][2] = {
        {"policy", "policy"}, {"against", "policy"}, {"gate", "gate"}, {"release", "defect"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(options[i][0], option) == 0)
            return options[i][1];
    return NULL;
}

static void offer_kinds(const struct line *l, const char *prefix)
{
    const struct cm_kind *const *kinds = l->command->kinds;
    for (size_t i = 0; kinds && kinds[i]; i++)
        offer(l, prefix, kinds[i]->name, kinds[i]->summary);
}

/* What is found wherever one is: presets/web-api.ini. */
static void offer_presets(struct line *l, const char *prefix)
{
    struct cm_headers presets = {0};
    struct cm_err err;
    if (cm_headers_read("presets", &l->arena, &presets, &err))
        return;
    for (size_t i = 0; i < presets.n; i++)
        offer(l, prefix, strchr(presets.list[i].file, '/') + 1, presets.list[i].title);
}

/* Of an option that its table describes; a row of a kind says what it takes itself. */
static void offer_values(struct line *l, const char *prefix, const struct argp_option *o)
{
    const char *const *names = choice_of(l, o->name);
    const char *chooser = l->command->kind_option;
    const char *section = section_of(o->name), *endings = endings_of(l, o->arg);
    bool reads = strcmp(o->name, "service") == 0 || strcmp(o->name, "scenario") == 0;
    if (names)
        offer_names(l, prefix, names);
    else if (chooser && strcmp(o->name, chooser) == 0)
        offer_kinds(l, prefix);
    else if (strcmp(o->name, "set") == 0)
        offer_settings(l, prefix);
    else if (strcmp(o->arg, "DIR") == 0)
        cm_print(l->to, ":dir\n");
    else if (section)
        offer_sections(l, prefix, section);
    else if (endings && strcmp(o->arg, "FILE") == 0)
        cm_print(l->to, reads ? ":file ini\n" : ":file\n");
    else if (endings)
        cm_print(l->to, ":file%s\n", endings);
    if (strcmp(o->name, "service") == 0)
        offer_presets(l, prefix);
    if (!names && strcmp(o->name, "release") == 0)
        offer(l, prefix, "healthy", "");
}

/* The row of a kind that is the option: its words, where it takes words. */
static bool offer_row(const struct line *l, const char *prefix, const char *option)
{
    const struct cm_kind *kind = kind_of(l);
    char name[64];
    size_t length = strlen(option);
    if (!kind || length >= sizeof name)
        return false;
    for (size_t i = 0; i <= length; i++)
        name[i] = option[i] == '-' ? '_' : option[i];
    const struct cm_param *row = cm_param_find(kind->params, name);
    if (row)
        offer_value(l, prefix, row);
    return row != NULL;
}

/* The option of "--name" or "--name=value", "-x"; NULL = none, or one without a value. */
static const struct argp_option *find(const struct argp_option *options, const char *word)
{
    bool is_long = strncmp(word, "--", 2) == 0;
    size_t length = is_long ? strcspn(word + 2, "=") : 0;
    for (; options->name; options++) {
        bool same = is_long ? strlen(options->name) == length &&
                                  memcmp(options->name, word + 2, length) == 0
                            : word[0] == '-' && word[1] == options->key && !word[2];
        if (same && options->arg)
            return options;
    }
    return NULL;
}

static void offer_options(const struct line *l, const struct argp_option *options)
{
    for (; options->name; options++)
        offer(l, "--", options->name, options->doc);
    for (const struct cm_choice *c = l->command->choices; c && c->option; c++)
        if (l->command->kinds && !l->command->kind_option)
            offer(l, "--", c->option, "");
}

/* --- arguments --- */

/* Lines "word<tab>meaning" of a command. */
static void offer_lines(const struct line *l, const char *text)
{
    for (; text && *text; text += strcspn(text, "\n") + 1)
        if (strncmp(text, current(l), strlen(current(l))) == 0)
            cm_print(l->to, "%.*s\n", (int)strcspn(text, "\n"), text);
}

static void offer_arguments(struct line *l)
{
    const char *usage = l->command->usage->args_doc;
    const char *endings = usage ? endings_of(l, usage) : NULL;
    struct cm_buffer text = {0};
    if (l->command->words)
        l->command->words(cm_buffer_writer(&text));
    offer_lines(l, text.text);
    cm_buffer_release(&text);
    if (!l->command->kind_option && l->n == 3)
        offer_kinds(l, "");
    if (endings)
        cm_print(l->to, ":file%s\n", endings);
}

/* --- a line --- */

static void offer_commands(const struct line *l)
{
    for (size_t i = 0; cm_commands[i]; i++)
        offer(l, "", cm_commands[i]->name, cm_commands[i]->summary);
    if (current(l)[0] != '-')
        return;
    offer(l, "", "--help", "Print a short usage.");
    offer(l, "", "--version", "Print the version.");
}

/* The option that wants the current word for its value; a value that may be left out, or that is
 * there behind a =, wants none. */
static const struct argp_option *option_before(const struct line *l,
                                               const struct argp_option *options)
{
    const char *word = l->n > 3 ? l->words[l->n - 2] : "";
    const struct argp_option *option = strchr(word, '=') ? NULL : find(options, word);
    return option && !(option->flags & OPTION_ARG_OPTIONAL) ? option : NULL;
}

static void offer_for_option(struct line *l, const char *prefix, const struct argp_option *option)
{
    if (!offer_row(l, prefix, option->name))
        offer_values(l, prefix, option);
}

/* The value of the option itself, of the one before, an option, an argument. */
static void offer_for_command(struct line *l)
{
    struct cm_rows rows;
    const struct argp_option *options = options_of(l, &rows), *before = option_before(l, options);
    size_t name = strncmp(current(l), "--", 2) == 0 ? strcspn(current(l), "=") : 0;
    bool inside = current(l)[name] == '=' && name > 0;
    const struct argp_option *itself = inside ? find(options, current(l)) : NULL;
    if (itself)
        offer_for_option(l, cm_arena_text(&l->arena, current(l), name + 1), itself);
    else if (before)
        offer_for_option(l, "", before);
    else if (!inside && current(l)[0] == '-')
        offer_options(l, options);
    else if (!inside)
        offer_arguments(l);
    cm_rows_release(&rows);
}

void cm_complete(const char *const *words, size_t n, struct cm_writer to)
{
    struct line l = {.words = words, .n = n, .to = to};
    if (n == 2)
        offer_commands(&l);
    l.command = n > 2 ? cm_command_find(words[1]) : NULL;
    if (l.command)
        offer_for_command(&l);
    cm_arena_release(&l.arena);
}
