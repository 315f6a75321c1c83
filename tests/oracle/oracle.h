/* Known-answer files against our code: what an oracle is, and what it says.
 *
 * An oracle walks one JSON file, and for every case says passed, failed or skipped. Files come from
 * anywhere: a member of the wrong type, a missing one, an absurd size must end in a message, never
 * in a crash. Integers beyond 18 digits arrive as strings of digits (JSON readers would round or
 * refuse them). */
#ifndef ORACLE_H
#define ORACLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/base/err.h"

struct oracle_tally {
    bool tap; /* a line for every case, not only for failures */
    int passed, failed, skipped;
};

void oracle_passed(struct oracle_tally *tally, const char *name);
void oracle_failed(struct oracle_tally *tally, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void oracle_skipped(struct oracle_tally *tally, const char *name, const char *why);

/* Checks every case in `file`; 0, or -1 with the reason if the file itself is at fault. */
typedef int oracle_run(const json_t *file, struct oracle_tally *tally, struct cm_err *err);

#define ORACLE(kind, path) oracle_run oracle_##kind;
#include "tests/oracle/oracles.def"
#undef ORACLE

/* The member of an object, of this type (json_typeof); NULL with the reason otherwise. */
const json_t *oracle_member(const json_t *object, const char *key, json_type type,
                            struct cm_err *err);

/* The text of a string member; NULL with the reason. Borrowed. */
const char *oracle_text(const json_t *object, const char *key, struct cm_err *err);

#endif
