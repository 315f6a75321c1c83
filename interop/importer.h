/* What importers share: the documents of all files, and templates by their names. */
#ifndef CM_IMPORTER_H
#define CM_IMPORTER_H

#include "interop/draft.h"

/* One document that says what it is. */
struct cm_resource {
    const struct cm_node *node;
    const char *kind, *name, *space; /* "" = none */
    bool used;                       /* somebody refers to it, or it is what is imported */
};

struct cm_importer {
    struct cm_draft draft;
    struct cm_reader reader;
    struct cm_resource *resources; /* the arena's */
    size_t n;
    const char *policy; /* the section's name */
};

/* The resource of that kind that is called so; one in the same namespace is preferred, one in
 * another is found. NULL if there is none, or, with an error that names both lines, if there are
 * two that could be meant. Marks it as used. */
struct cm_resource *cm_importer_find(struct cm_importer *im, const struct cm_node *from,
                                     const char *kind, const char *name, const char *space);

/* Each writes the sections of one policy. What is left of the resource is listed by the caller. */
void cm_import_flagger(struct cm_importer *im, struct cm_resource *canary);

void cm_import_argo(struct cm_importer *im, struct cm_resource *rollout);

void cm_import_kayenta(struct cm_importer *im, struct cm_resource *config);

/* Kayenta's JSON has no kind; these stand for it. */
#define CM_KAYENTA_CONFIG  "Canary configuration"
#define CM_KAYENTA_REQUEST "Canary request"

/* What resources may hold besides what is read. */
const struct cm_known *cm_import_flagger_known(const char *kind);
const struct cm_known *cm_import_argo_known(const char *kind);
const struct cm_known *cm_import_kayenta_known(const char *kind);
/* Whether Flagger has a provider of that name. */
bool cm_import_flagger_provider(const char *name);

#endif
