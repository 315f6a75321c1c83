/* Pages of help that belong to no command and to no section. */
#ifndef CM_PAGES_H
#define CM_PAGES_H

#include "sim/base/kind.h"
#include "sim/base/write.h"

struct cm_page_of_help {
    const char *name, *summary;
    const char *also; /* words that ask for it, too */
    void (*print)(const struct cm_section *const *sections, struct cm_writer to);
};
extern const struct cm_page_of_help cm_pages[]; /* ended by one without a name */

/* As a command line names it; aborts if there is none. */
const struct cm_page_of_help *cm_pages_find(const char *name);

#endif
