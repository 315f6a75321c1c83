/* Text for manual pages: the macros of man(7), and nothing of groff's own, so that mandoc and other
 * formatters read the pages as well. */
#ifndef CM_ROFF_H
#define CM_ROFF_H

#include "sim/base/write.h"

/* A macro with one argument: .SH "NAME". */
void cm_roff_macro(struct cm_writer to, const char *macro, const char *argument);
/* Words within a line; what roff would take for more than text is escaped. */
void cm_roff_words(struct cm_writer to, const char *text);
/* Paragraphs: an empty line parts them, lines that begin with blanks are shown as they are. */
void cm_roff_prose(struct cm_writer to, const char *text);
/* Everything as it is, line by line. */
void cm_roff_example(struct cm_writer to, const char *text);

#endif
