/* AnalysisTemplates of Argo Rollouts as gates. */
#ifndef CM_ARGO_TEMPLATE_H
#define CM_ARGO_TEMPLATE_H

#include "interop/importer.h"

struct cm_argo_templates {
    struct cm_importer *im;
    const struct cm_node *analysis; /* with templates, args, dryRun */
    const char *space;              /* the rollout's namespace */
    bool is_step;                   /* has to end by itself */
    const char **gates;             /* out: names, in the order of metrics; the arena's */
    size_t n;
    double takes_s; /* out: what the longest metric takes */
};

/* Writes a metric and a gate for each metric of each template. */
void cm_argo_templates_import(struct cm_argo_templates *t);

#endif
