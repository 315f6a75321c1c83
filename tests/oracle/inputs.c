/* Reads the inputs of an oracle's case; see the header. */
#include "tests/oracle/inputs.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double COUNT_MAX = 9007199254740992; /* 2^53 */

void inputs_release(struct inputs *in)
{
    cm_arena_release(&in->memory);
}

void inputs_fault(struct inputs *in, const char *format, ...)
{
    if (in->wrong)
        return;
    in->wrong = true;
    va_list args;
    va_start(args, format);
    vsnprintf(in->err.text, sizeof in->err.text, format, args);
    va_end(args);
}

bool input_value(const json_t *value, double *out)
{
    if (json_is_number(value)) {
        *out = json_number_value(value);
        return true;
    }
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == '\0';
}

bool input_given(const struct inputs *in, const char *key)
{
    return json_object_get(in->object, key) != NULL;
}

double input_number(struct inputs *in, const char *key)
{
    double x;
    if (input_value(json_object_get(in->object, key), &x))
        return x;
    inputs_fault(in, "\"%s\" is %s", key, input_given(in, key) ? "no number" : "missing");
    return 1;
}

double input_number_or(struct inputs *in, const char *key, double otherwise)
{
    return input_given(in, key) ? input_number(in, key) : otherwise;
}

double input_within(struct inputs *in, const char *key, double low, double high)
{
    double x = input_number(in, key);
    if (x >= low && x <= high)
        return x;
    inputs_fault(in, "\"%s\" is %g, outside [%g, %g]", key, x, low, high);
    return low;
}

uint64_t input_count(struct inputs *in, const char *key)
{
    double x = input_within(in, key, 0, COUNT_MAX);
    if (x != floor(x))
        inputs_fault(in, "\"%s\" is %g, no whole number", key, x);
    return (uint64_t)x;
}

uint64_t input_count_to(struct inputs *in, const char *key, uint64_t most)
{
    uint64_t x = input_count(in, key);
    if (x <= most)
        return x;
    inputs_fault(in, "\"%s\" is %ju, above %ju", key, (uintmax_t)x, (uintmax_t)most);
    return most;
}

bool input_flag(struct inputs *in, const char *key)
{
    const json_t *value = json_object_get(in->object, key);
    if (!json_is_boolean(value))
        inputs_fault(in, "\"%s\" is %s", key, value ? "neither true nor false" : "missing");
    return json_is_true(value);
}

bool input_flag_or(struct inputs *in, const char *key, bool otherwise)
{
    return input_given(in, key) ? input_flag(in, key) : otherwise;
}

const char *input_text(struct inputs *in, const char *key)
{
    const json_t *value = json_object_get(in->object, key);
    if (json_is_string(value))
        return json_string_value(value);
    inputs_fault(in, "\"%s\" is %s", key, value ? "no string" : "missing");
    return "";
}

int input_choice(struct inputs *in, const char *key, const char *const *names)
{
    const char *text = input_text(in, key);
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    inputs_fault(in, "\"%s\" is \"%.60s\", which is not offered", key, text);
    return 0;
}

int input_choice_or(struct inputs *in, const char *key, const char *const *names, int otherwise)
{
    return input_given(in, key) ? input_choice(in, key, names) : otherwise;
}

/* Appends the numbers of one JSON list. */
static void read_list(struct inputs *in, const char *key, const json_t *list, double *out)
{
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n; i++)
        if (!input_value(json_array_get(list, i), &out[i]))
            inputs_fault(in, "\"%s\" holds something that is no number", key);
}

struct input_list input_list(struct inputs *in, const char *key)
{
    const json_t *list = json_object_get(in->object, key);
    size_t n = json_array_size(list);
    double *x = cm_arena_alloc(&in->memory, (n + 1) * sizeof *x);
    if (n == 0)
        inputs_fault(in, "\"%s\" is %s", key, list ? "no list, or an empty one" : "missing");
    read_list(in, key, list, x);
    return (struct input_list){x, n > 0 ? n : 1};
}

struct input_rows input_rows(struct inputs *in, const char *key)
{
    const json_t *list = json_object_get(in->object, key);
    size_t rows = json_array_size(list), columns = json_array_size(json_array_get(list, 0));
    double *x = cm_arena_alloc(&in->memory, (rows * columns + 1) * sizeof *x);
    if (rows == 0 || columns == 0)
        inputs_fault(in, "\"%s\" is %s", key, list ? "no list of lists" : "missing");
    for (size_t i = 0; i < rows && !in->wrong; i++) {
        const json_t *row = json_array_get(list, i);
        if (json_array_size(row) != columns)
            inputs_fault(in, "\"%s\" has rows of different lengths", key);
        else
            read_list(in, key, row, x + i * columns);
    }
    if (in->wrong)
        return (struct input_rows){x, 1, 1};
    return (struct input_rows){x, rows, columns};
}
