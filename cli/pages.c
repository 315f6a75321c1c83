/* Pages of help: prose, with what can be had from tables taken from there. */
#include "cli/pages.h"

#include <assert.h>
#include <string.h>

#include "cli/command.h"
#include "sim/scenario/describe.h"

/* The list comes from the tables; how units are put together is prose. */
static void print_units(const struct cm_section *const *sections, struct cm_writer to)
{
    cm_print(to, "Values are written with their unit:\n\n");
    cm_describe_units(sections, to);
    cm_print(to, "\n"
                 "Durations: ns us ms s m h d, and several in a row (1h30m).\n"
                 "Rates: rps, rpm, rph: requests a second, a minute, an hour.\n"
                 "Laws, the shape of a duration: coalmine help laws.\n"
                 "Numbers and rates may carry k (thousand) or M (million): 2k, 1.5k rps.\n"
                 "A percentage is a ratio (0.5%% = 0.005); pp are percentage points, so that a\n"
                 "change of +1pp takes 2%% to 3%%. A change may also be a factor: x3.\n"
                 "Only 0 needs no unit. 'none' is accepted where it is the default.\n");
}

/* As in command.h. */
static void print_exit_codes(const struct cm_section *const *sections, struct cm_writer to)
{
    (void)sections;
    cm_print(to, "  0  done\n"
                 "  1  the results could not be written, or nothing was found (trace --find)\n"
                 "  2  the command line cannot be understood\n"
                 "  3  a scenario file cannot be used\n"
                 "  4  an assertion of the scenario fails\n"
                 "  5  interrupted; nothing was reported\n"
                 "  6  gnuplot is missing or failed; everything else was done\n"
                 "\n"
                 "Data go to standard output, everything else to standard error. A reader that\n"
                 "closes the pipe early (coalmine run ... | head) is no error.\n");
}

/* `include` and `extends` are no rows of a table: this is where they are explained. */
static void print_files(const struct cm_section *const *sections, struct cm_writer to)
{
    (void)sections;
    cm_print(to, "A scenario is an INI file: [section] or [section.NAME], then key = value lines.\n"
                 "\n"
                 "  ; comment            at the start of a line; after a value, behind ' ;'\n"
                 "  key = value          an indented line continues the value above it\n"
                 "  include = FILE, ...  in [scenario]: read these files first; what this file\n"
                 "                       says wins. They are looked for beside this file, then\n"
                 "                       among the installed scenarios\n"
                 "  extends = NAME, ...  in [policy.NAME2]: take over the keys of [policy.NAME];\n"
                 "                       so in every section that has a name\n"
                 "  key = ${1, 2, 5}     these values in turn: many scenarios in one file\n"
                 "                       (coalmine help sweep)\n"
                 "  x-anything = ...     a note of yours; not read\n"
                 "\n"
                 "Names are a-z, then a-z, 0-9 and -, at most 40 characters. Values carry their\n"
                 "units (coalmine help units). The sections are listed by: coalmine help\n");
}

const struct cm_page_of_help cm_pages[] = {
    {"files", "How a scenario file is written.", "include extends", print_files},
    {"units", "How values are written.", "unit values", print_units},
    {"exit-codes", "What the exit status says.", "exit-code exit-status", print_exit_codes},
    {0},
};

const struct cm_page_of_help *cm_pages_find(const char *name)
{
    const struct cm_page_of_help *page = cm_pages;
    while (strcmp(page->name, name) != 0) {
        page++;
        assert(page->name);
    }
    return page;
}
