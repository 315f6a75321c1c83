/* Reads the inputs of an oracle's case.
 *
 * The first mistake sticks: it is kept in `err`, later reads answer with something harmless (1, 0,
 * "", one zero), and the caller asks once, at the end, whether anything was wrong. So an adapter
 * reads everything straight down. "inf" and "-inf" are numbers, and so is a string of digits. */
#ifndef INPUTS_H
#define INPUTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/base/mem.h"

struct inputs {
    const json_t *object;   /* borrowed */
    struct cm_arena memory; /* of lists; released by inputs_release */
    struct cm_err err;      /* if wrong */
    bool wrong;
};

void inputs_release(struct inputs *in);
/* Notes a mistake that an adapter found; only the first is kept. */
void inputs_fault(struct inputs *in, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool input_given(const struct inputs *in, const char *key);
double input_number(struct inputs *in, const char *key);
double input_number_or(struct inputs *in, const char *key, double otherwise);
/* A number with low <= x <= high. */
double input_within(struct inputs *in, const char *key, double low, double high);
/* A whole number in [0, 2^53]. */
uint64_t input_count(struct inputs *in, const char *key);
uint64_t input_count_to(struct inputs *in, const char *key, uint64_t most);
bool input_flag(struct inputs *in, const char *key);
bool input_flag_or(struct inputs *in, const char *key, bool otherwise);
const char *input_text(struct inputs *in, const char *key);
/* The index of the text in a list that ends with NULL. */
int input_choice(struct inputs *in, const char *key, const char *const *names);
int input_choice_or(struct inputs *in, const char *key, const char *const *names, int otherwise);

struct input_list {
    double *x;
    size_t n; /* at least 1 */
};
struct input_list input_list(struct inputs *in, const char *key);
/* Lists of one length in a row: x[row * columns + column]. */
struct input_rows {
    double *x;
    size_t rows, columns; /* at least 1 each */
};
struct input_rows input_rows(struct inputs *in, const char *key);

/* The number that a JSON value means: a number, "inf", "-inf", "nan", digits in quotes. */
bool input_value(const json_t *value, double *out);

#endif
