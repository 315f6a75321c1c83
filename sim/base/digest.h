/* A name for content: SHA-256 (FIPS 180-4), as `sha256sum` prints it. Two texts that differ have
 * different names, for all that anybody will ever see. */
#ifndef CM_DIGEST_H
#define CM_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/write.h"

#define CM_DIGEST_TEXT 65 /* room for the digits and the end */

struct cm_digest {
    uint32_t state[8];
    uint64_t length;           /* bytes so far */
    unsigned char pending[64]; /* the beginning of the next block */
};

void cm_digest_start(struct cm_digest *d);
void cm_digest_add(struct cm_digest *d, const void *bytes, size_t length);
/* 64 hexadecimal digits. What is added afterwards means nothing. */
void cm_digest_end(struct cm_digest *d, char text[CM_DIGEST_TEXT]);

/* Of what is printed. */
struct cm_writer cm_digest_writer(struct cm_digest *d);

void cm_digest_of(const void *bytes, size_t length, char text[CM_DIGEST_TEXT]);

#endif
