/* What is written and plays no part is more often a forgotten line elsewhere than intended. A class
 * is of use by itself where it answers in its own way: it shapes the traffic. */
#include <math.h>
#include <string.h>

#include "sim/scenario/check.h"

/* Whether a key refers to the section with this index. */
static bool names_it(const struct cm_param *row, const void *field, const char *section, int index)
{
    if (!row->domain || (row->type != &cm_type_ref && row->type != &cm_type_refs) ||
        strcmp(row->domain, section) != 0)
        return false;
    const struct cm_ref *ref = field;
    if (row->type == &cm_type_ref)
        return ref->index == index;
    const struct cm_refs *list = field;
    for (size_t i = 0; i < list->n; i++)
        if (list->refs[i].index == index)
            return true;
    return false;
}

/* Whether any entry refers to the one with this index in its section. */
static bool is_used(const struct cm_loading *l, const char *section, int index)
{
    for (size_t i = 0; i < l->n; i++) {
        for (int group = 0; group < CM_GROUPS; group++) {
            struct cm_group fields = cm_entry_group(&l->entries[i], group);
            for (const struct cm_param *row = fields.rows; row && row->name; row++)
                if (names_it(row, (const char *)fields.base + row->offset, section, index))
                    return true;
        }
    }
    return false;
}

/* A class without errors and latency of its own is only a name for a part of the traffic. */
static bool answers_alike(const struct cm_entry *entry)
{
    const struct cm_class *answer = entry->common;
    return isnan(answer->error_rate) && answer->latency.n == 0;
}

void cm_check_unused(struct cm_loading *l, const struct cm_scenario *s)
{
    static const struct {
        const struct cm_section *section;
        const char *sentence;
        bool (*is_idle)(const struct cm_entry *entry); /* NULL = always */
    } cases[] = {
        {&cm_metric_section, "no gate reads it", NULL},
        {&cm_gate_section, "no policy asks it", NULL},
        {&cm_hook_section, "no policy calls it", NULL},
        {&cm_kpi_section, "no metric reads it and no defect moves it", NULL},
        {&cm_gauge_section, "no metric reads it and no defect moves it", NULL},
        {&cm_class_section, "it answers like [service], and no metric or defect names it",
         answers_alike},
    };
    (void)s;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        int index = 0;
        for (size_t i = 0; i < l->n; i++) {
            const struct cm_entry *entry = &l->entries[i];
            if (entry->section != cases[c].section)
                continue;
            if (!is_used(l, entry->section->name, index++) &&
                (!cases[c].is_idle || cases[c].is_idle(entry)))
                cm_diag_add(l->diags, CM_DIAG_UNUSED, cm_entry_place(l, i), "[%s] is not used: %s",
                            cm_entry_title(l, i), cases[c].sentence);
        }
    }
}
