/* The passes of the loader, in order. A scenario with mistakes is not half a scenario: it comes
 * back with its diagnostics and nothing that could be run. */
#include "sim/scenario/scenario.h"

#include "sim/base/list.h"
#include "sim/base/text.h"
#include "sim/scenario/view.h"

/* The sections of a file: ours, then those of the layers above. */
static const struct cm_section *const *all_sections(struct cm_arena *arena,
                                                    const struct cm_section *const *extra)
{
    const struct cm_section **all = NULL;
    size_t n = 0;
    for (int part = 0; part < 2; part++) {
        const struct cm_section *const *list = part ? extra : cm_scenario_sections;
        for (size_t i = 0; list && list[i]; i++) {
            all = cm_list_grow(arena, all, n, sizeof *all);
            all[n++] = list[i];
        }
    }
    all = cm_list_grow(arena, all, n, sizeof *all);
    all[n] = NULL;
    return all;
}

int cm_scenario_load(struct cm_scenario *s, const struct cm_load *load, struct cm_diags *diags)
{
    *s = (struct cm_scenario){0};
    struct cm_document document = {.arena = &s->arena, .diags = diags};
    if (cm_document_read(&document, load) ||
        cm_document_complete(&document, load->replace, load->n_replace))
        return -1;
    return cm_scenario_build(s, &document, load);
}

int cm_scenario_build(struct cm_scenario *s, const struct cm_document *document,
                      const struct cm_load *load)
{
    struct cm_diags *diags = document->diags;
    struct cm_loading loading = {
        .document = document,
        .sections = all_sections(&s->arena, load->extra),
        .source = &load->source,
        .arena = &s->arena,
        .diags = diags,
    };
    cm_load_sections(&loading);
    cm_link_all(&loading);
    cm_prepare_all(&loading);
    s->file = document->file;
    s->title = document->title ? document->title : document->file;
    cm_view_build(s, &loading);
    cm_check_all(&loading, s);
    for (size_t i = 0; !diags->errors && loading.sections[i]; i++)
        if (loading.sections[i]->review)
            loading.sections[i]->review(s, diags);
    return diags->errors ? -1 : 0;
}

void cm_scenario_release(struct cm_scenario *s)
{
    cm_arena_release(&s->arena);
    *s = (struct cm_scenario){0};
}

const struct cm_entry *cm_scenario_entry(const struct cm_scenario *s, const char *section)
{
    for (size_t i = 0; i < s->n_entries; i++) {
        const struct cm_entry *entry = &s->entries[i];
        if (!entry->section->named && cm_slice_is(cm_slice_of(section), entry->section->name))
            return entry;
    }
    return NULL;
}
