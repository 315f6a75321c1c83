/* The tuned scenario is printed as it was loaded, every value with where it came from: a file of
 * its own that needs neither marks nor what it was included from. */
#include "cli/tune_out.h"

#include <string.h>

#include "cli/file.h"
#include "cli/folder.h"

static bool is_file(const char *out)
{
    size_t length = strlen(out);
    return length > 4 && strcmp(out + length - 4, ".ini") == 0;
}

int cm_tune_out_check(const char *out, struct cm_err *err)
{
    return is_file(out) ? cm_file_check_new(out, err) : cm_folder_try(out, "", err);
}

static void print_tuned(const struct cm_tune_report *r, struct cm_writer to)
{
    struct cm_scenario s = {0};
    struct cm_diags diags = {0};
    if (!cm_tune_load(r->field, r->tuning->list[r->validation->chosen], NULL, &s, &diags))
        cm_scenario_print(&s, to);
    cm_diags_release(&diags);
    cm_scenario_release(&s);
}

static int put_report(const char *folder, const struct cm_tune_report *r, struct cm_err *err)
{
    static const char *const names[CM_TUNE_FORMATS] = {
        [CM_TUNE_TEXT] = "report.txt",
        [CM_TUNE_MARKDOWN] = "report.md",
        [CM_TUNE_CSV] = "report.csv",
        [CM_TUNE_JSON] = "report.json",
    };
    int status = 0;
    for (int format = 0; format < CM_TUNE_FORMATS && !status; format++) {
        struct cm_buffer text = {0};
        cm_tune_report_write(r, (enum cm_tune_format)format, cm_buffer_writer(&text));
        status = cm_folder_put(folder, names[format], &text, err);
        cm_buffer_release(&text);
    }
    return status;
}

int cm_tune_out_write(const char *out, const struct cm_tune_report *r, struct cm_err *err)
{
    struct cm_buffer scenario = {0};
    print_tuned(r, cm_buffer_writer(&scenario));
    int status = is_file(out) ? cm_file_put_new(out, &scenario, err) : put_report(out, r, err);
    if (!status && !is_file(out))
        status = cm_folder_put(out, CM_FOLDER_SCENARIO, &scenario, err);
    cm_buffer_release(&scenario);
    return status;
}
