/* Where text goes. The core never sees a FILE: whoever calls it says how bytes leave. */
#ifndef CM_WRITE_H
#define CM_WRITE_H

#include <stddef.h>

struct cm_writer {
    void *self; /* borrowed */
    void (*write)(void *self, const char *text, size_t length);
};

/* printf to a writer; any length. */
void cm_print(struct cm_writer to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A writer that collects into memory. {0} is empty; text is always terminated once written to. */
struct cm_buffer {
    char *text; /* owned */
    size_t length, room;
};
struct cm_writer cm_buffer_writer(struct cm_buffer *b);
void cm_buffer_clear(struct cm_buffer *b);
void cm_buffer_release(struct cm_buffer *b);

#endif
