/* One entry: which kind it is, what its keys say, what is missing, what contradicts.
 *
 * A key that belongs to another kind is a mistake, unless a later source chose the kind: a preset
 * may say `arrivals = gamma_poisson, dispersion = 4` and a file or --set just `arrivals = poisson`.
 * What the preset said about the other kind then falls away with it. */
#include <string.h>

#include "sim/base/list.h"
#include "sim/base/text.h"
#include "sim/scenario/describe_row.h"
#include "sim/scenario/load.h"
#include "sim/scenario/marks.h"

/* The entry being filled. */
struct filling {
    struct cm_loading *l;
    size_t i;
    struct cm_entry *entry;
    struct cm_draft *draft;
    const struct cm_section *section;
    const struct cm_chapter *chapter; /* may be NULL */
    const struct cm_written *kind_key;
};

/* Passes that draw conclusions from values leave a broken entry alone. */
static void mark_broken(struct filling *f)
{
    f->draft->broken = true;
}

/* --- the kind --- */

/* "threshold, two_proportion". */
static const char *list_kinds(const struct filling *f)
{
    struct cm_buffer list = {0};
    for (size_t i = 0; f->section->kinds[i]; i++)
        cm_print(cm_buffer_writer(&list), "%s%s", i ? ", " : "", f->section->kinds[i]->name);
    const char *kept = cm_arena_text(f->l->arena, list.text ? list.text : "", list.length);
    cm_buffer_release(&list);
    return kept;
}

/* ${...} is a set of values; expanding it to cells comes before typing, where sweeps are allowed.
 */
static bool is_swept(const char *value)
{
    return strstr(value, "${") != NULL;
}

/* "over rps", if the sweep `${rps = 10, 30}` has a name. */
static struct cm_slice sweep_name(const char *value)
{
    struct cm_slice inside = cm_slice_of(strstr(value, "${") + 2);
    inside.length = strcspn(inside.at, "=,}!");
    struct cm_slice name = cm_slice_trim(inside);
    return inside.at[inside.length] == '=' ? name : (struct cm_slice){"", 0};
}

static void report_sweep(struct filling *f, const struct cm_ini_key *key)
{
    struct cm_slice name = sweep_name(key->value);
    size_t at = (size_t)(strstr(key->value, "${") - key->value);
    mark_broken(f);
    cm_diag_add(f->l->diags, CM_DIAG_SWEEP, cm_ini_value_place(key, at, 2),
                "[%s] %s is swept%s%.*s, one value is wanted here: choose it with --set "
                "'%s.%s=VALUE'",
                f->chapter->name, key->name, name.length ? " over " : "", (int)name.length, name.at,
                f->chapter->name, key->name);
}

/* tune(...) is a value that is looked for; putting one in its place comes before typing, too. */
static bool is_marked(const char *value)
{
    size_t at, length;
    return cm_mark_find(value, 0, &at, &length);
}

static void report_mark(struct filling *f, const struct cm_ini_key *key)
{
    size_t at = 0, length = 0;
    cm_mark_find(key->value, 0, &at, &length);
    mark_broken(f);
    cm_diag_add(f->l->diags, CM_DIAG_TUNED, cm_ini_value_place(key, at, length),
                "[%s] %s is to be tuned, one value is wanted here: coalmine tune finds it, --set "
                "'%s.%s=VALUE' chooses it",
                f->chapter->name, key->name, f->chapter->name, key->name);
}

/* A kind that is not there, with the nearest or all that are. */
static void report_kind(struct filling *f, const struct cm_ini_key *key)
{
    struct cm_guess guess = cm_guess_start(key->value);
    for (size_t i = 0; f->section->kinds[i]; i++)
        cm_guess_try(&guess, f->section->kinds[i]->name);
    mark_broken(f);
    cm_diag_add(f->l->diags, CM_DIAG_UNKNOWN_KIND, cm_ini_value_place(key, 0, 0),
                guess.best ? "[%s] unknown %s '%.60s' (did you mean '%s'?)"
                           : "[%s] unknown %s '%.60s' (one of: %s)",
                f->chapter->name, key->name, key->value, guess.best ? guess.best : list_kinds(f));
}

/* Everything else depends on the kind, so it is settled first. */
static void choose_kind(struct filling *f)
{
    const struct cm_section *section = f->section;
    if (!section->kind_key)
        return;
    f->kind_key = cm_chapter_key(f->chapter, section->kind_key);
    if (!f->kind_key && section->kind_default) {
        f->entry->kind = cm_kind_find(section->kinds, section->kind_default);
    } else if (!f->kind_key) {
        mark_broken(f);
        if (!f->chapter || !f->chapter->damaged)
            cm_diag_add(f->l->diags, CM_DIAG_MISSING_KEY, cm_entry_place(f->l, f->i),
                        "[%s] '%s' must be given (one of: %s)", cm_entry_title(f->l, f->i),
                        section->kind_key, list_kinds(f));
    } else if (is_swept(f->kind_key->key->value)) {
        report_sweep(f, f->kind_key->key);
    } else if (is_marked(f->kind_key->key->value)) {
        report_mark(f, f->kind_key->key);
    } else {
        f->entry->kind = cm_kind_find(section->kinds, f->kind_key->key->value);
        if (!f->entry->kind)
            report_kind(f, f->kind_key->key);
    }
}

/* --- keys that are not of this entry --- */

/* Every key that may stand here, NULL-ended. */
static const char *const *names(const struct filling *f)
{
    const char **list = NULL;
    size_t n = 0;
    struct cm_arena *arena = f->l->arena;
    const char *fixed[] = {f->section->kind_key, f->section->named ? "extends" : NULL,
                           strcmp(f->section->name, "scenario") == 0 ? "include" : NULL};
    for (int group = 0; group < CM_GROUPS; group++) {
        const struct cm_param *row = cm_entry_group(f->entry, group).rows;
        for (; row && row->name; row++) {
            list = cm_list_grow(arena, list, n, sizeof *list);
            list[n++] = row->name;
        }
    }
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if (!fixed[i])
            continue;
        list = cm_list_grow(arena, list, n, sizeof *list);
        list[n++] = fixed[i];
    }
    list = cm_list_grow(arena, list, n, sizeof *list);
    list[n] = NULL;
    return list;
}

/* A key that no kind of this section has. */
static void report_unknown(struct filling *f, const struct cm_ini_key *key)
{
    if (f->l->diags->errors >= CM_DIAGS_SHOWN) { /* it is only counted: look for no hint */
        cm_diag_add(f->l->diags, CM_DIAG_UNKNOWN_KEY, key->place, "unknown key");
        return;
    }
    const char *const *known = names(f);
    const char *near = cm_nearest(key->name, known);
    struct cm_buffer hint = {0};
    struct cm_writer to = cm_buffer_writer(&hint);
    if (near)
        cm_print(to, " (did you mean '%s'?)", near);
    for (size_t i = 0; !near && known[i]; i++)
        cm_print(to, "%s%s", i ? ", " : "; its keys are ", known[i]);
    cm_diag_add(f->l->diags, CM_DIAG_UNKNOWN_KEY, key->place, "[%s] unknown key '%s'%s",
                f->chapter->name, key->name, hint.text ? hint.text : "");
    cm_buffer_release(&hint);
}

/* Whether the kind was chosen by a later source than the one that wrote this key. */
static bool falls_away(const struct filling *f, const struct cm_written *written)
{
    if (!f->kind_key)
        return false;
    if (f->kind_key->inherited != written->inherited)
        return written->inherited;
    return f->kind_key->rank > written->rank;
}

/* The kinds that have such a key, as in "threshold, ratio"; NULL = none. */
static const char *owners(const struct filling *f, const char *key)
{
    struct cm_buffer list = {0};
    for (size_t i = 0; f->section->kinds && f->section->kinds[i]; i++)
        if (cm_param_find(f->section->kinds[i]->params, key))
            cm_print(cm_buffer_writer(&list), "%s%s", list.length ? ", " : "",
                     f->section->kinds[i]->name);
    const char *kept = list.length ? cm_arena_text(f->l->arena, list.text, list.length) : NULL;
    cm_buffer_release(&list);
    return kept;
}

/* A key that this entry cannot have: another kind's, or nobody's. */
static void stray_key(struct filling *f, const struct cm_written *written)
{
    const struct cm_ini_key *key = written->key;
    const char *others = owners(f, key->name), *chooser = f->section->kind_key;
    if (others && (!f->entry->kind || falls_away(f, written)))
        return; /* without a kind there is no telling; that is reported already */
    mark_broken(f);
    if (!others)
        report_unknown(f, key);
    else
        cm_diag_add(f->l->diags, CM_DIAG_OTHER_KIND, key->place,
                    "[%s] '%s' belongs to %s = %s; this is %s = %s%s", f->chapter->name, key->name,
                    chooser, others, chooser, f->entry->kind->name,
                    f->kind_key ? "" : " (the default)");
}

/* --- keys that are --- */

/* Inherited values say so, whatever source their base had them from. */
static struct cm_origin origin_of(const struct cm_written *written)
{
    const struct cm_ini_key *key = written->key;
    return (struct cm_origin){
        .from = written->inherited  ? CM_FROM_EXTENDS
                : written->from_set ? CM_FROM_SET
                                    : CM_FROM_FILE,
        .key = key->place,
        .value = cm_ini_value_place(key, 0, 0),
        .text = key->value,
    };
}

/* The origin is noted even if the value is bad: then the key is not missing. */
static void set_value(struct filling *f, int group, const struct cm_param *row,
                      const struct cm_written *written)
{
    const struct cm_ini_key *key = written->key;
    struct cm_group fields = cm_entry_group(f->entry, group);
    struct cm_err err = {0};
    f->draft->origins[group][row - fields.rows] = origin_of(written);
    if (is_swept(key->value)) {
        report_sweep(f, key);
    } else if (is_marked(key->value)) {
        report_mark(f, key);
    } else if (cm_param_set(row, fields.base, key->value, f->l->arena, &err)) {
        bool hash = strstr(key->value, " #") && !strstr(err.text, "begins with");
        mark_broken(f);
        cm_diag_add(f->l->diags, CM_DIAG_BAD_VALUE, cm_ini_value_place(key, err.at, err.length),
                    "[%s] %s: %s%s", f->chapter->name, key->name, err.text,
                    hash ? " (a comment after a value begins with ' ;')" : "");
    }
}

/* Keys that the document has dealt with, or the choice of the kind. */
static bool is_done(const struct filling *f, const char *name)
{
    if (f->section->kind_key && strcmp(name, f->section->kind_key) == 0)
        return true;
    if (strcmp(name, "extends") == 0)
        return true;
    return strcmp(name, "include") == 0 && strcmp(f->section->name, "scenario") == 0;
}

/* Keys of the section come before those of the kind. */
static void take_key(struct filling *f, const struct cm_written *written)
{
    const char *name = written->key->name;
    if (is_done(f, name))
        return;
    for (int group = 0; group < CM_GROUPS; group++) {
        const struct cm_param *row = cm_param_find(cm_entry_group(f->entry, group).rows, name);
        if (row) {
            set_value(f, group, row, written);
            return;
        }
    }
    stray_key(f, written);
}

/* --- the whole entry --- */

/* Memory for all fields, holding their defaults, as every pass may rely on. */
static void allocate(struct filling *f)
{
    struct cm_arena *arena = f->l->arena;
    struct cm_entry *entry = f->entry;
    entry->common = cm_arena_alloc(arena, f->section->size);
    if (entry->kind)
        entry->options = cm_arena_alloc(arena, entry->kind->options_size);
    if (f->kind_key)
        entry->kind_origin = origin_of(f->kind_key);
    for (int group = 0; group < CM_GROUPS; group++) {
        struct cm_group fields = cm_entry_group(entry, group);
        size_t n = 0;
        while (fields.rows && fields.rows[n].name)
            n++;
        f->draft->origins[group] = cm_arena_alloc(arena, (n + 1) * sizeof(struct cm_origin));
        cm_params_default(fields.rows, fields.base, arena);
    }
    entry->common_origin = f->draft->origins[0];
    entry->options_origin = f->draft->origins[1];
}

/* What a value may look like: examples, or the names it can be. */
static const char *examples(const struct filling *f, const struct cm_param *row)
{
    if (!row->domain)
        return row->type->accepts;
    struct cm_buffer takes = {0};
    cm_describe_takes(row, cm_buffer_writer(&takes));
    const char *kept = cm_arena_text(f->l->arena, takes.text, takes.length);
    cm_buffer_release(&takes);
    return kept;
}

/* Rows without a default that nobody gave a value. */
static void report_missing(struct filling *f)
{
    if (f->chapter && f->chapter->damaged) {
        mark_broken(f); /* what is missing may stand where the file could not be read */
        return;
    }
    for (int group = 0; group < CM_GROUPS; group++) {
        struct cm_group fields = cm_entry_group(f->entry, group);
        for (size_t i = 0; fields.rows && fields.rows[i].name; i++) {
            const struct cm_param *row = &fields.rows[i];
            if (row->dflt || fields.origins[i].from != CM_FROM_DEFAULT)
                continue;
            mark_broken(f);
            cm_diag_add(f->l->diags, CM_DIAG_MISSING_KEY, cm_entry_place(f->l, f->i),
                        "[%s] '%s' must be given (%s)", cm_entry_title(f->l, f->i), row->name,
                        examples(f, row));
        }
    }
}

/* Rules between keys, the section's before the kind's: one of them is enough to say. */
static void check_rules(struct filling *f)
{
    const struct cm_entry *entry = f->entry;
    struct cm_err err = {0};
    int bad = f->section->check ? f->section->check(entry->common, &err) : 0;
    if (!bad && entry->kind && entry->kind->check)
        bad = entry->kind->check(entry->options, &err);
    if (!bad)
        return;
    mark_broken(f);
    cm_diag_add(f->l->diags, CM_DIAG_RULE, cm_entry_err_place(f->l, f->i, &err, ""), "[%s] %s",
                cm_entry_title(f->l, f->i), err.text);
}

void cm_entry_fill(struct cm_loading *l, size_t i)
{
    struct filling f = {
        .l = l,
        .i = i,
        .entry = &l->entries[i],
        .draft = &l->drafts[i],
        .section = l->entries[i].section,
        .chapter = l->drafts[i].chapter,
    };
    choose_kind(&f);
    allocate(&f);
    for (size_t k = 0; f.chapter && k < f.chapter->n_keys; k++)
        take_key(&f, &f.chapter->keys[k]);
    report_missing(&f);
    if (!f.draft->broken)
        check_rules(&f);
}
