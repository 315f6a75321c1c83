/* Which metrics a rule of Argo Rollouts names: an unanchored regular expression, as Go reads it.
 *
 * An expression is a list of branches a|b; a branch a row of atoms (a character, a dot, a [class],
 * an escaped character), each of which may be followed by * + or ?, between ^ and $. A branch runs
 * as a set of positions, one bit each, so that no expression takes long (Thompson 1968). Assumes
 * no groups, counts or named classes: a rule with one matches nothing, as one that is broken does.
 *
 * Source: GetDryRunMetrics and GetMeasurementRetentionMetrics of argoproj/argo-rollouts v1.10,
 * utils/analysis/helpers.go, which ignores why an expression is broken. */
#include <string.h>

#include "sim/controllers/argo_analysis.h"

enum { ATOMS_MAX = 63 };

struct atom {
    uint64_t set[4]; /* a bit a character */
    char repeat;     /* '1', '*', '+' or '?' */
};
struct branch {
    struct atom atoms[ATOMS_MAX];
    size_t n;
    bool from_start, to_end;
};

static void add(struct atom *atom, unsigned char c)
{
    atom->set[c / 64] |= (uint64_t)1 << c % 64;
}

static bool takes(const struct atom *atom, unsigned char c)
{
    return (atom->set[c / 64] >> c % 64 & 1) != 0;
}

static void invert(struct atom *atom)
{
    for (int i = 0; i < 4; i++)
        atom->set[i] = ~atom->set[i];
}

/* From behind the bracket; the byte after the class, or NULL if it does not end. */
static const char *read_class(const char *at, const char *end, struct atom *atom)
{
    bool inverted = at < end && *at == '^';
    const char *first = at += inverted;
    while (at < end && (*at != ']' || at == first)) {
        unsigned char low = (unsigned char)*at++, high = low;
        if (end - at >= 2 && at[0] == '-' && at[1] != ']') {
            high = (unsigned char)at[1];
            at += 2;
        }
        if (low == '\\' || high == '\\' || low > high)
            return NULL;
        for (unsigned c = low; c <= high; c++)
            add(atom, (unsigned char)c);
    }
    if (inverted)
        invert(atom);
    return at < end ? at + 1 : NULL;
}

/* One atom; the byte after it, or NULL if there is none that we know. */
static const char *read_atom(const char *at, const char *end, struct atom *atom)
{
    char c = *at++;
    *atom = (struct atom){.repeat = '1'};
    if (c == '[')
        return read_class(at, end, atom);
    if (c == '.') {
        invert(atom);
        return at;
    }
    if (c == '\\' && at < end && strchr(".*+?()|[]{}^$\\-", *at) != NULL)
        c = *at++;
    else if (strchr("*+?(){}^$\\", c) != NULL)
        return NULL;
    add(atom, (unsigned char)c);
    return at;
}

static bool read_branch(const char *at, const char *end, struct branch *b)
{
    *b = (struct branch){.from_start = at < end && *at == '^'};
    at += b->from_start;
    while (at != NULL && at < end && b->n < ATOMS_MAX) {
        if (*at == '$' && at + 1 == end) {
            b->to_end = true;
            return true;
        }
        struct atom *atom = &b->atoms[b->n++];
        at = read_atom(at, end, atom);
        if (at != NULL && at < end && strchr("*+?", *at) != NULL)
            atom->repeat = *at++;
    }
    return at == end;
}

/* With the positions that may be reached without a character. */
static uint64_t closed(const struct branch *b, uint64_t positions)
{
    for (size_t i = 0; i < b->n; i++)
        if ((positions >> i & 1) != 0 && strchr("*?", b->atoms[i].repeat) != NULL)
            positions |= (uint64_t)1 << (i + 1);
    return positions;
}

static bool branch_matches(const struct branch *b, const char *name)
{
    const uint64_t done = (uint64_t)1 << b->n;
    uint64_t at = closed(b, 1);
    for (; *name != '\0'; name++) {
        uint64_t next = b->from_start ? 0 : 1;
        if ((at & done) != 0 && !b->to_end)
            return true;
        for (size_t i = 0; i < b->n; i++)
            if ((at >> i & 1) != 0 && takes(&b->atoms[i], (unsigned char)*name))
                next |= (uint64_t)(strchr("*+", b->atoms[i].repeat) != NULL ? 3 : 2) << i;
        at = closed(b, next);
    }
    return (at & done) != 0;
}

/* The end of the branch that begins here. */
static const char *branch_end(const char *at)
{
    bool in_class = false;
    for (; *at != '\0' && (in_class || *at != '|'); at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        else if (*at == '[' || *at == ']')
            in_class = *at == '[';
    }
    return at;
}

static bool matches(const char *rule, const char *name)
{
    bool found = false;
    for (;;) {
        struct branch b;
        const char *end = branch_end(rule);
        if (!read_branch(rule, end, &b))
            return false; /* one broken branch breaks the expression */
        found = found || branch_matches(&b, name);
        if (*end == '\0')
            return found;
        rule = end + 1;
    }
}

int cm_argo_dry_run(const char *const *rules, size_t n_rules, struct cm_argo_metric *metrics,
                    size_t n_metrics, struct cm_err *err)
{
    for (size_t i = 0; i < n_rules; i++) {
        bool any = false;
        for (size_t k = 0; k < n_metrics; k++) {
            bool match = matches(rules[i], metrics[k].name);
            any = any || match;
            metrics[k].dry_run = metrics[k].dry_run || match;
        }
        if (!any)
            return cm_fail(err, "dryRun[%zu]: Rule didn't match any metric name(s)", i);
    }
    return 0;
}

int cm_argo_check_retention(const char *const *rules, size_t n_rules,
                            const struct cm_argo_spec *spec, struct cm_err *err)
{
    for (size_t i = 0; i < n_rules; i++) {
        bool any = false;
        for (size_t k = 0; k < spec->n; k++)
            any = any || matches(rules[i], spec->metrics[k].name);
        if (!any)
            return cm_fail(err, "measurementRetention[%zu]: Rule didn't match any metric name(s)",
                           i);
    }
    return 0;
}
