/* Words about one key, for help, template and reference alike.
 *
 * The range is said in the unit that its type is written in, and only where it tells a reader
 * something: limits that merely keep nonsense out (a rate below 1e9 rps) are left unsaid, though
 * they are enforced. Types of other layers have no range here; they say theirs in `accepts`. */
#include "sim/scenario/describe_row.h"

#include <math.h>
#include <string.h>

#include "sim/base/units.h"
#include "sim/service/law.h"

enum { COLUMNS = 79 };

/* Choices are their own description. */
static void takes_names(const struct cm_param *row, struct cm_writer to)
{
    const char *const *names = row->domain;
    cm_print(to, "one of: ");
    for (size_t i = 0; names[i]; i++)
        cm_print(to, "%s%s", i ? ", " : "", names[i]);
}

/* References say where the name has to stand, since that is what is looked for. */
void cm_describe_takes(const struct cm_param *row, struct cm_writer to)
{
    const char *domain = row->domain;
    if (row->type == &cm_type_choice)
        takes_names(row, to);
    else if (row->type == &cm_type_ref)
        cm_print(to, "name of a [%s.NAME]", domain);
    else if (row->type == &cm_type_refs)
        cm_print(to, "names of [%s.NAME], separated by commas", domain);
    else if (row->type->takes)
        row->type->takes(row, to);
    else
        cm_print(to, "%s", row->type->name);
}

/* A limit in the unit of its type. */
static void print_limit(const struct cm_param *row, double limit, struct cm_writer to)
{
    if (row->type == &cm_type_prob)
        cm_units_print(limit, CM_RATIO, to);
    else if (row->type == &cm_type_rate)
        cm_units_print(limit, CM_PER_SECOND, to);
    else if (row->type == &cm_type_duration)
        cm_units_print_time((cm_time)limit, to);
    else
        cm_units_print(limit, CM_PURE, to);
}

/* The types that are numbers in one unit; the others use min and max for nothing. */
static bool has_range(const struct cm_param *row)
{
    static const struct cm_type *const types[] = {
        &cm_type_prob, &cm_type_rate, &cm_type_duration, &cm_type_number, &cm_type_count,
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (row->type == types[i])
            return true;
    return false;
}

/* Limits that only keep nonsense out are not worth a reader's time. */
static bool is_open(const struct cm_param *row)
{
    const double generous = 1e6;
    return row->max >= (row->type == &cm_type_duration ? CM_MAX_DURATION : generous);
}

bool cm_describe_range(const struct cm_param *row, struct cm_writer to)
{
    if (!has_range(row) || (is_open(row) && row->min == 0))
        return false;
    if (is_open(row))
        cm_print(to, "at least ");
    print_limit(row, row->min, to);
    if (is_open(row))
        return true;
    cm_print(to, " to ");
    print_limit(row, row->max, to);
    return true;
}

void cm_describe_least(const struct cm_param *row, struct cm_writer to)
{
    print_limit(row, row->min, to);
}

bool cm_describe_is_required(const struct cm_param *row)
{
    return !row->dflt;
}

void cm_describe_header(const struct cm_section *section, const char *name, struct cm_writer to)
{
    if (section->named)
        cm_print(to, "[%s.%s]", section->name, name);
    else
        cm_print(to, "[%s]", section->name);
}

/* `first` and `margin` are taken to be equally wide; bytes stand for columns. */
void cm_describe_wrap(const char *first, const char *margin, const char *text, struct cm_writer to)
{
    size_t room = COLUMNS - strlen(margin);
    for (const char *before = first; *text; before = margin) {
        size_t length = strlen(text);
        if (length > room) {
            length = room;
            /* back to the last blank that fits */
            while (length > 0 && text[length] != ' ')
                length--;
            if (length == 0) /* one word longer than a line */
                length = strcspn(text, " ");
        }
        cm_print(to, "%s%.*s\n", before, (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
}

#define CM_LAW_KIND(name) extern const struct cm_law_kind cm_law_##name;
#include "sim/service/laws.def"
#undef CM_LAW_KIND

/* The same list that law.c has, seen as plain kinds. */
static const struct cm_kind *const law_kinds[] = {
#define CM_LAW_KIND(name) &cm_law_##name.kind,
#include "sim/service/laws.def"
#undef CM_LAW_KIND
    NULL,
};
static const struct cm_param no_keys[] = {CM_PARAMS_END};

const struct cm_section cm_describe_laws = {
    .name = "law",
    .summary = "Laws of durations, written as a value: lognormal(median=120ms, sigma=0.6).",
    .params = no_keys,
    .kinds = law_kinds,
};
