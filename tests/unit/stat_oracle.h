/* Reads tests/oracle/stat_oracles.json for unit tests: one case checks one output of one function.
 * Its schema is in the file's own description; infinite values are the strings "inf" and "-inf". */
#ifndef STAT_ORACLE_H
#define STAT_ORACLE_H

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define STAT_ORACLES "tests/oracle/stat_oracles.json"

static inline double oracle_value(const json_t *value)
{
    if (json_is_string(value))
        return json_string_value(value)[0] == '-' ? -INFINITY : INFINITY;
    return json_number_value(value);
}

static inline double oracle_number(const json_t *inputs, const char *key)
{
    const json_t *value = json_object_get(inputs, key);
    cr_assert(value != NULL, "no input %s", key);
    return oracle_value(value);
}

static inline uint64_t oracle_count(const json_t *inputs, const char *key)
{
    return (uint64_t)oracle_number(inputs, key);
}

/* The array under `key`; its length. */
static inline size_t oracle_list(const json_t *inputs, const char *key, double *out, size_t room)
{
    const json_t *list = json_object_get(inputs, key);
    size_t n = json_array_size(list);
    cr_assert(n > 0 && n <= room, "%s has %zu values", key, n);
    for (size_t i = 0; i < n; i++)
        out[i] = oracle_value(json_array_get(list, i));
    return n;
}

/* Our answer to a case; NAN = not ours. `i` counts the elements of an expected array. */
typedef double (*oracle_answer)(const char *output, const json_t *inputs, size_t i);

static inline bool oracle_holds(const json_t *item, oracle_answer answer)
{
    const json_t *expected = json_object_get(item, "expected");
    const char *output = json_string_value(json_object_get(item, "output"));
    double tolerance = oracle_number(item, "tol");
    bool relative = !strcmp(json_string_value(json_object_get(item, "tol_type")), "rel");
    size_t n = json_is_array(expected) ? json_array_size(expected) : 1;
    for (size_t i = 0; i < n; i++) {
        double want =
            oracle_value(json_is_array(expected) ? json_array_get(expected, i) : expected);
        double got = answer(output, json_object_get(item, "inputs"), i);
        if (isnan(got))
            return false;
        cr_expect(fabs(got - want) <= tolerance * (relative ? fabs(want) : 1),
                  "%s %s: %.17g, not %.17g", json_string_value(json_object_get(item, "id")), output,
                  got, want);
    }
    return true;
}

/* Checks all cases of `fn`; how many there were that are ours. */
static inline size_t oracle_check(const char *fn, oracle_answer answer)
{
    json_error_t error;
    json_t *root = json_load_file(STAT_ORACLES, 0, &error), *item;
    cr_assert(root != NULL, "%s: %s", STAT_ORACLES, error.text);
    size_t index, checked = 0;
    json_array_foreach(json_object_get(root, "cases"), index, item)
    {
        if (!strcmp(json_string_value(json_object_get(item, "fn")), fn))
            checked += oracle_holds(item, answer);
    }
    json_decref(root);
    return checked;
}

#endif
