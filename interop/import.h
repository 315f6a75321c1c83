/* Manifests of release controllers as a scenario: Flagger's Canary, Argo Rollouts' Rollout, and
 * Kayenta's canary configuration, with the templates that they refer to.
 *
 * What comes out is the text of a scenario that runs as it is: the manifest's policy, called
 * `imported`, and a service, traffic and a defect that no manifest knows, which are assumed and say
 * so. What was read, left out, assumed, and what the user has to say, is in the notes. */
#ifndef CM_IMPORT_H
#define CM_IMPORT_H

#include "interop/notes.h"
#include "sim/base/write.h"

struct cm_import_file {
    const char *name, *text; /* borrowed */
    size_t length;
};

struct cm_import {
    const struct cm_import_file *files;
    size_t n;
    const char *policy;  /* which of several, by its name in the manifest; NULL = the only one */
    const char *name;    /* of the policy in the scenario; NULL = imported */
    const char *service; /* file to include instead of the preset; NULL = the preset */
};

/* Adds the scenario to `text`. 0, or -1 with errors among the notes. Notes refer to the files'
 * names and to texts that live in the notes' arena. */
int cm_import_run(const struct cm_import *what, struct cm_notes *notes, struct cm_buffer *text);

/* The same, and where each key came from: an array in the notes' arena, for exports. */
struct cm_trails {
    const struct cm_trail *list;
    size_t n;
};
int cm_import_follow(const struct cm_import *what, struct cm_notes *notes, struct cm_buffer *text,
                     struct cm_trails *trails);

/* Whether a text looks like a manifest rather than a scenario. */
bool cm_import_is_manifest(const char *name, const char *text, size_t length);

#endif
