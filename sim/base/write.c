/* printf to wherever the caller wants it, and a writer that collects into memory.
 *
 * Most lines fit the stack. One that does not is measured by the first attempt and formatted a
 * second time into memory of the right size, which needs a second walk over the arguments. */
#include "sim/base/write.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/mem.h"

void cm_print(struct cm_writer to, const char *format, ...)
{
    char line[512];
    va_list args, again;
    va_start(args, format);
    /* vsnprintf uses its arguments up */
    va_copy(again, args);
    int length = vsnprintf(line, sizeof line, format, args);
    assert(length >= 0); /* only an invalid format or a string beyond INT_MAX */
    if ((size_t)length < sizeof line) {
        to.write(to.self, line, (size_t)length);
    } else {
        char *whole = cm_alloc((size_t)length + 1);
        vsnprintf(whole, (size_t)length + 1, format, again);
        to.write(to.self, whole, (size_t)length);
        cm_free(whole);
    }
    va_end(again);
    va_end(args);
}

/* Doubling keeps the cost of many small pieces linear in their sum. */
static void append(void *self, const char *text, size_t length)
{
    struct cm_buffer *b = self;
    if (b->room - b->length <= length) { /* one byte stays free for the end */
        b->room = 2 * b->room + length + 64;
        b->text = cm_grow(b->text, b->room, 1);
    }
    memcpy(b->text + b->length, text, length);
    b->length += length;
    b->text[b->length] = '\0';
}

/* The buffer has to outlive the writer. */
struct cm_writer cm_buffer_writer(struct cm_buffer *b)
{
    return (struct cm_writer){.self = b, .write = append};
}

/* Keeps its memory for the next text. */
void cm_buffer_clear(struct cm_buffer *b)
{
    b->length = 0;
    if (b->text)
        b->text[0] = '\0';
}

void cm_buffer_release(struct cm_buffer *b)
{
    cm_free(b->text);
    *b = (struct cm_buffer){0};
}
