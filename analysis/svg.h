/* Pictures inside a page: an SVG file as an element of an HTML document.
 *
 * Files name their parts (id='gpPt7'), and every picture of one program uses the same names; within
 * one document a name may stand for one thing only (HTML Living Standard, 3.2.6). So names get a
 * prefix, and so does what refers to them: href='#name' and url(#name). */
#ifndef CM_SVG_H
#define CM_SVG_H

#include "sim/base/write.h"

/* Writes the <svg> element of a file, read out as `label`, with `prefix` before each name; nothing
 * if there is none. Prolog, scripts' links and the file's own title are left out. */
void cm_svg_inline(const char *file, const char *prefix, const char *label, struct cm_writer to);

#endif
