/* From files to documents, from documents to the one policy among them, and around what its
 * importer writes the rest of a scenario. */
#include "interop/import.h"

#include <math.h>
#include <string.h>

#include "interop/importer.h"
#include "sim/base/list.h"

static const char preset[] = "presets/web-api.ini";

/* --- documents --- */

enum role { POLICY, TEMPLATE, BESIDE };

static const struct {
    const char *kind, *group; /* of apiVersion, up to the slash */
    enum role role;
    void (*import)(struct cm_importer *im, struct cm_resource *resource);
    const struct cm_known *(*known)(const char *kind);
} kinds[] = {
    {"Canary", "flagger.app", POLICY, cm_import_flagger, cm_import_flagger_known},
    {"MetricTemplate", "flagger.app", TEMPLATE, NULL, cm_import_flagger_known},
    {CM_KAYENTA_CONFIG, "", POLICY, cm_import_kayenta, cm_import_kayenta_known},
    {CM_KAYENTA_REQUEST, "", POLICY, cm_import_kayenta, cm_import_kayenta_known},
    {"Rollout", "argoproj.io", POLICY, cm_import_argo, cm_import_argo_known},
    {"AnalysisTemplate", "argoproj.io", TEMPLATE, NULL, cm_import_argo_known},
    {"ClusterAnalysisTemplate", "argoproj.io", TEMPLATE, NULL, cm_import_argo_known},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* The row of a resource, or KINDS. */
static size_t row_of(const struct cm_resource *resource)
{
    const struct cm_node *version = cm_manifest_find(resource->node, "apiVersion");
    const char *text = version && version->kind == CM_NODE_TEXT ? version->text : "";
    size_t i = 0, length = strcspn(text, "/");
    while (i < KINDS &&
           !(strcmp(kinds[i].kind, resource->kind) == 0 && strlen(kinds[i].group) == length &&
             strncmp(kinds[i].group, text, length) == 0))
        i++;
    return i;
}

static const char *text_at(const struct cm_node *node, const char *path)
{
    const struct cm_node *found = cm_manifest_find(node, path);
    return found && found->kind == CM_NODE_TEXT ? found->text : "";
}

/* Kayenta's JSON says what it is by what it holds. */
static const char *kind_of(const struct cm_node *node)
{
    const char *kind = text_at(node, "kind");
    if (*kind)
        return kind;
    if (cm_manifest_find(node, "canaryConfig.metrics"))
        return CM_KAYENTA_REQUEST;
    bool judged = cm_manifest_find(node, "classifier") || cm_manifest_find(node, "judge");
    return judged && cm_manifest_find(node, "metrics") ? CM_KAYENTA_CONFIG : "";
}

static const char *name_of(const struct cm_node *node)
{
    static const char *const paths[] = {"metadata.name", "canaryConfig.name", "name"};
    const char *name = "";
    for (size_t i = 0; i < sizeof paths / sizeof *paths && !*name; i++)
        name = text_at(node, paths[i]);
    return name;
}

static void add_document(struct cm_importer *im, const struct cm_node *node)
{
    if (node->is_null)
        return;
    if (node->kind != CM_NODE_MAP) {
        cm_notes_add(im->reader.notes, CM_NOTE_ERROR, cm_yaml_place(node),
                     "a document that is no map, and so no manifest");
        return;
    }
    im->resources = cm_list_grow(im->reader.arena, im->resources, im->n, sizeof *im->resources);
    im->resources[im->n++] = (struct cm_resource){
        .node = node,
        .kind = kind_of(node),
        .name = name_of(node),
        .space = text_at(node, "metadata.namespace"),
    };
}

/* kubectl's List, and a document by itself. */
static void add_documents(struct cm_importer *im, const struct cm_node *node)
{
    const struct cm_node *items = cm_manifest_find(node, "items");
    if (strcmp(text_at(node, "kind"), "List") != 0 || !items || items->kind != CM_NODE_LIST) {
        add_document(im, node);
        return;
    }
    for (const struct cm_node *item = items->first; item; item = item->next)
        add_document(im, item);
}

static void read_files(struct cm_importer *im, const struct cm_import *what)
{
    for (size_t i = 0; i < what->n; i++) {
        const struct cm_import_file *file = &what->files[i];
        struct cm_yaml *yaml = cm_arena_alloc(im->reader.arena, sizeof *yaml);
        if (cm_yaml_read(yaml, file->name, file->text, file->length, im->reader.arena,
                         im->reader.notes))
            continue;
        for (size_t k = 0; k < yaml->n; k++)
            add_documents(im, yaml->documents[k]);
    }
}

/* --- templates --- */

static bool is_called(const struct cm_resource *resource, const char *kind, const char *name)
{
    return strcmp(resource->kind, kind) == 0 && strcmp(resource->name, name) == 0;
}

struct cm_resource *cm_importer_find(struct cm_importer *im, const struct cm_node *from,
                                     const char *kind, const char *name, const char *space)
{
    struct cm_resource *exact = NULL, *any = NULL, *second = NULL, *other = NULL;
    for (size_t i = 0; i < im->n; i++) {
        struct cm_resource *resource = &im->resources[i];
        if (!is_called(resource, kind, name))
            continue;
        if (strcmp(resource->space, space) == 0) {
            second = exact ? resource : second;
            exact = exact ? exact : resource;
        } else {
            other = any ? resource : other;
            any = any ? any : resource;
        }
    }
    struct cm_resource *found = exact ? exact : any;
    struct cm_resource *rival = exact ? second : other;
    if (rival) {
        cm_notes_add(im->reader.notes, CM_NOTE_ERROR, cm_yaml_place(from),
                     "%s '%.60s' is there twice: %s:%d and %s:%d", kind, name,
                     found->node->yaml->file, cm_yaml_line(found->node), rival->node->yaml->file,
                     cm_yaml_line(rival->node));
        return NULL;
    }
    if (found)
        found->used = true;
    return found;
}

/* --- which policy --- */

static bool is_policy(const struct cm_resource *resource)
{
    size_t row = row_of(resource);
    return row < KINDS && kinds[row].role == POLICY;
}

static void refuse_all(struct cm_importer *im, const struct cm_import *what)
{
    struct cm_place place = {.file = what->n ? what->files[0].name : NULL};
    if (im->n > 0)
        place = cm_yaml_place(im->resources[0].node);
    if (im->n == 1) {
        const struct cm_resource *only = &im->resources[0];
        size_t row = row_of(only);
        bool template = row < KINDS && kinds[row].role == TEMPLATE;
        cm_notes_add(im->reader.notes, CM_NOTE_ERROR, cm_yaml_place(only->node),
                     template
                         ? "%.40s is no policy: give the file of the resource that refers to it, "
                           "too"
                         : "'%.40s' is no policy: a Canary of Flagger, a Rollout of Argo or a "
                           "canary configuration of Kayenta is wanted",
                     *only->kind ? only->kind : "this document");
        return;
    }
    cm_notes_add(im->reader.notes, CM_NOTE_ERROR, place,
                 "no policy in %zu documents: a Canary of Flagger, a Rollout of Argo or a canary "
                 "configuration of Kayenta is wanted",
                 im->n);
}

/* The only policy, or the one that was asked for. */
static struct cm_resource *choose(struct cm_importer *im, const struct cm_import *what)
{
    struct cm_resource *chosen = NULL;
    for (size_t i = 0; i < im->n; i++) {
        struct cm_resource *resource = &im->resources[i];
        if (!is_policy(resource) || (what->policy && strcmp(what->policy, resource->name) != 0))
            continue;
        if (chosen) {
            cm_notes_add(im->reader.notes, CM_NOTE_ERROR, cm_yaml_place(resource->node),
                         "a second policy: %s '%.60s'; the first is '%.60s' (%s:%d): say which one "
                         "with --policy",
                         resource->kind, resource->name, chosen->name, chosen->node->yaml->file,
                         cm_yaml_line(chosen->node));
            return NULL;
        }
        chosen = resource;
    }
    if (!chosen && what->policy)
        cm_notes_add(im->reader.notes, CM_NOTE_ERROR, (struct cm_place){.file = NULL},
                     "there is no policy '%.60s' in these files", what->policy);
    else if (!chosen)
        refuse_all(im, what);
    return chosen;
}

/* --- what is left --- */

/* What says what a resource is has been read. */
static void take_head(const struct cm_node *node)
{
    static const char *const paths[] = {"apiVersion", "kind", "metadata.name",
                                        "metadata.namespace"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        cm_manifest_take(node, paths[i]);
}

static void list_left(struct cm_importer *im)
{
    for (size_t i = 0; i < im->n; i++) {
        const struct cm_resource *resource = &im->resources[i];
        size_t row = row_of(resource);
        take_head(resource->node);
        if (resource->used && row < KINDS)
            cm_manifest_list_rest(&im->reader, resource->node, kinds[row].known(resource->kind));
        else if (row < KINDS)
            cm_notes_add(im->reader.notes, CM_NOTE_NO_EFFECT, cm_yaml_place(resource->node),
                         "%s '%.60s': nothing refers to it", resource->kind, resource->name);
        else
            cm_notes_add(im->reader.notes, CM_NOTE_NO_EFFECT, cm_yaml_place(resource->node),
                         "%.40s '%.60s': no part of a policy",
                         *resource->kind ? resource->kind : "a document", resource->name);
    }
}

/* --- the scenario around it --- */

static void write_head(const struct cm_resource *policy, const struct cm_import *what,
                       struct cm_writer to)
{
    cm_print(to, "; %s %s: what does it do with a release?\n;\n", policy->kind, policy->name);
    cm_print(to, "; Imported by coalmine import from:\n");
    for (size_t i = 0; i < what->n; i++)
        cm_print(to, ";     %.150s\n", what->files[i].name);
    cm_print(to, "; Numbers behind ; are lines of these files. What is assumed stands in none of "
                 "them:\n; put in what you know.\n");
}

/* Twice what a healthy rollout takes, and two hours at least. */
static const char *horizon_of(struct cm_importer *im)
{
    const double least = 7200, most = 30 * 86400.0, patient = 86400.0;
    double horizon = 2 * im->draft.longest_s;
    if (im->draft.waits_for_people && horizon < patient)
        horizon = patient;
    horizon = horizon < least ? least : horizon > most ? most : horizon;
    return cm_draft_time(&im->draft, ceil(horizon / 3600) * 3600);
}

/* A healthy release keeps the limits of the manifest, or its owners would have others: errors at
 * most a tenth of what is allowed, and a p99 of about half of the latency (lognormal of sigma 0.6:
 * p99 = 4 medians). */
static void write_service(struct cm_importer *im, struct cm_writer to)
{
    const double base = 0.001, tenth = 0.1, eighth = 0.125;
    struct cm_draft *d = &im->draft;
    struct cm_place nowhere = {.file = NULL};
    bool strict = d->error_limit > 0 && tenth * d->error_limit < base;
    if (!strict && d->latency_limit_s <= 0)
        return;
    cm_print(to, "\n[service]\n");
    if (strict) {
        const char *rate = cm_draft_percent(d, 100 * tenth * d->error_limit);
        cm_print(to, "error_rate = %s ; assumed\n", rate);
        cm_notes_add(im->reader.notes, CM_NOTE_ASSUMED, nowhere,
                     "a healthy release fails %s of the requests, a tenth of the limit: [service] "
                     "error_rate",
                     rate);
    }
    if (d->latency_limit_s > 0) {
        const char *limit = cm_draft_time(d, d->latency_limit_s);
        cm_print(to, "latency = lognormal(median=%s, sigma=0.6) ; assumed\n",
                 cm_draft_time(d, eighth * d->latency_limit_s));
        cm_notes_add(im->reader.notes, CM_NOTE_ASSUMED, nowhere,
                     "the p99 of a healthy release is about half of the limit of %s: [service] "
                     "latency",
                     limit);
    }
}

/* Bad in what the policy looks at: twice as many errors as it lets pass, or three times as slow. */
static void write_defects(struct cm_importer *im, struct cm_writer to)
{
    const double usual = 0.01, most = 0.5;
    const struct cm_draft *d = &im->draft;
    double limit = d->error_limit > 0 ? d->error_limit : usual;
    limit = limit > most / 2 ? most / 2 : limit;
    cm_print(to, "\n[defect.error-spike]\nerror_rate = +%.6gpp ; assumed\nprior = 5%% ; assumed\n",
             200 * limit);
    cm_notes_add(im->reader.notes, CM_NOTE_ASSUMED, (struct cm_place){.file = NULL},
                 "5 of 100 releases fail +%.6gpp of the requests: [defect.error-spike]",
                 200 * limit);
    if (d->latency_limit_s <= 0)
        return;
    cm_print(to, "\n[defect.slow]\nlatency = x3 ; assumed\nprior = 5%% ; assumed\n");
    cm_notes_add(im->reader.notes, CM_NOTE_ASSUMED, (struct cm_place){.file = NULL},
                 "5 of 100 releases take three times as long: [defect.slow]");
}

static void write_monitor(struct cm_importer *im, const struct cm_import *what, struct cm_writer to)
{
    struct cm_notes *notes = im->reader.notes;
    struct cm_place nowhere = {.file = NULL};
    if (im->draft.forbids_scrapes) {
        cm_notes_add(notes, CM_NOTE_ASSUMED, nowhere,
                     "the monitor sees every answer at once: mean latencies are not scraped here");
        return;
    }
    if (what->service && !im->draft.wants_scrapes)
        return;
    cm_print(to, "\n[telemetry]\nmonitor = prometheus ; assumed\nscrape_every = 15s ; assumed\n");
    cm_notes_add(notes, CM_NOTE_ASSUMED, nowhere,
                 "Prometheus scrapes the pods every 15s: [telemetry]");
}

static void write_frame(struct cm_importer *im, const struct cm_import *what, struct cm_writer to)
{
    cm_print(to, "\n[scenario]\ninclude = %s%s\n", what->service ? what->service : preset,
             what->service ? "" : " ; assumed");
    const char *horizon = horizon_of(im);
    cm_print(to, "horizon = %s ; assumed\n", horizon);
    cm_notes_add(im->reader.notes, CM_NOTE_ASSUMED, (struct cm_place){.file = NULL},
                 "rollouts that take longer than %s are not waited for: [scenario] horizon",
                 horizon);
    write_monitor(im, what, to);
    if (what->service)
        return;
    cm_notes_add(im->reader.notes, CM_NOTE_ASSUMED, (struct cm_place){.file = NULL},
                 "traffic, service and environment are those of %s (another file: --service FILE)",
                 preset);
    write_service(im, to);
    write_defects(im, to);
}

int cm_import_run(const struct cm_import *what, struct cm_notes *notes, struct cm_buffer *text)
{
    struct cm_trails ignored;
    return cm_import_follow(what, notes, text, &ignored);
}

int cm_import_follow(const struct cm_import *what, struct cm_notes *notes, struct cm_buffer *text,
                     struct cm_trails *trails)
{
    struct cm_importer im = {.reader = {&notes->arena, notes}};
    im.draft.reader = &im.reader;
    im.policy = what->name ? what->name : "imported";
    read_files(&im, what);
    struct cm_resource *policy = notes->count[CM_NOTE_ERROR] ? NULL : choose(&im, what);
    if (policy) {
        policy->used = true;
        kinds[row_of(policy)].import(&im, policy);
        list_left(&im);
    }
    int status = !policy || notes->count[CM_NOTE_ERROR] ? -1 : 0;
    if (!status) {
        struct cm_writer to = cm_buffer_writer(text);
        write_head(policy, what, to);
        write_frame(&im, what, to);
        to.write(to.self, im.draft.text.text, im.draft.text.length);
    }
    *trails = (struct cm_trails){im.draft.trail, im.draft.n_trail};
    cm_draft_release(&im.draft);
    return status;
}

/* By its name, or, from a pipe, by how it begins: a scenario has no line like "kind: Canary". */
bool cm_import_is_manifest(const char *name, const char *text, size_t length)
{
    static const char *const endings[] = {".yaml", ".yml", ".json"};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t end = strlen(endings[i]);
        if (n > end && strcmp(name + n - end, endings[i]) == 0)
            return true;
    }
    if (n > 4 && strcmp(name + n - 4, ".ini") == 0)
        return false;
    return length > 12 && (strstr(text, "apiVersion:") == text || strstr(text, "\napiVersion:") ||
                           strstr(text, "\nkind: "));
}
