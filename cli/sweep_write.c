/* The table of a sweep on standard output. */
#include "analysis/words.h"
#include "analysis/write.h"
#include "cli/output.h"
#include "cli/sweep_parts.h"

enum { SCHEMA_VERSION = 1 };

static void say_head(const struct cm_sweep_request *r, const struct cm_scenario *s,
                     const struct cm_prose *prose, struct cm_writer to)
{
    struct cm_buffer text = {0};
    struct cm_writer line = cm_buffer_writer(&text);
    prose->title(to, s->title);
    cm_print(line, "%s: %zu cell%s", s->file, r->n_cells, r->n_cells == 1 ? "" : "s");
    if (r->n_cells < r->sweep.n_cells)
        cm_print(line, " of %zu", r->sweep.n_cells);
    if (!r->list && !r->until_text) {
        cm_print(line, ", ");
        cm_words_count(s->run.replications, line);
        cm_print(line, " replications of each release");
    }
    cm_print(line, ", seed %llu. coalmine %s.", (unsigned long long)s->run.seed, CM_VERSION);
    prose->paragraph(to, text.text);
    prose->code(to, r->what.said.text);
    cm_buffer_release(&text);
}

static void write_json(const struct cm_sweep_request *r, const struct cm_table *table,
                       struct cm_writer to)
{
    cm_print(to, "{\"schema_version\": %d,\n\"version\": ", SCHEMA_VERSION);
    cm_write_json_text(CM_VERSION, to);
    cm_print(to, ",\n\"command\": ");
    cm_write_json_text(r->what.said.text, to);
    cm_print(to, ",\n\"cells\": ");
    cm_write_json_rows(table, to);
    cm_print(to, "}\n");
}

int cm_sweep_conclude(const struct cm_sweep_request *r, const size_t count[3])
{
    size_t failed = count[CM_CLAIM_FAILS], open = count[CM_CLAIM_OPEN];
    size_t rows = failed + open + count[CM_CLAIM_HOLDS];
    if (failed)
        cm_print(cm_output_talk(), "coalmine: what is asserted fails in %zu of %zu rows\n", failed,
                 rows);
    if (open && !r->quiet)
        cm_print(cm_output_talk(),
                 "coalmine: what is asserted is undecided in %zu of %zu rows: more --replications "
                 "may decide\n",
                 open, rows);
    return failed ? CM_EXIT_ASSERT : CM_EXIT_OK;
}

void cm_sweep_write(const struct cm_sweep_request *r, const struct cm_table *table,
                    const struct cm_scenario *first)
{
    struct cm_writer to = cm_output_data();
    const struct cm_prose *prose =
        r->format == CM_FORMAT_MARKDOWN ? &cm_write_markdown : &cm_write_text;
    if (r->format == CM_FORMAT_CSV) {
        cm_write_csv(table, to);
    } else if (r->format == CM_FORMAT_JSON) {
        write_json(r, table, to);
    } else {
        say_head(r, first, prose, to);
        prose->table(to, table);
    }
}
