/* Known answers of PCG32, PCG64 and PCG64-DXSM (schema pcg_vectors/1): seeding, outputs, doubles,
 * jumps forth and back, numpy's SeedSequence and its published test sets. */
#include "tests/oracle/oracle.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/oracle/pcg_models.h"

enum { NAME = 128, MAX_N = 10000000, MAX_WORDS = 64 };

static const char OWN_SEEDING[] = "both seeding steps use the generator's own multiplier";
static const char NUMPY_SEEDING[] =
    "both seeding steps use the default 128-bit multiplier (numpy PCG64DXSM)";

/* Where a file is at fault: what the caller knows goes in front of what it was told. */
static int fault_in(struct cm_err *err, const char *section, size_t i)
{
    struct cm_err inner = *err;
    return cm_fail(err, "%s[%zu]: %.400s", section, i, inner.text);
}

/* "0x" and the digits of an integer below 2^bits. */
static int read_hex(const json_t *value, unsigned bits, cm_u128 *out, struct cm_err *err)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    size_t digits = strncmp(text, "0x", 2) == 0 ? strspn(text + 2, "0123456789abcdefABCDEF") : 0;
    if (digits == 0 || digits > 32 || text[2 + digits] != '\0')
        return cm_fail(err, "\"%.60s\" is not a hexadecimal integer like \"0x2a\"", text);
    cm_u128 x = 0;
    for (const char *at = text + 2; *at != '\0'; at++) {
        int digit =
            isdigit((unsigned char)*at) ? *at - '0' : tolower((unsigned char)*at) - 'a' + 10;
        x = x << 4 | (unsigned)digit;
    }
    if (bits < 128 && x >> bits != 0)
        return cm_fail(err, "\"%s\" has more than %u bits", text, bits);
    *out = x;
    return 0;
}

static int member_hex(const json_t *object, const char *key, unsigned bits, cm_u128 *out,
                      struct cm_err *err)
{
    const json_t *member = oracle_member(object, key, JSON_STRING, err);
    if (member == NULL)
        return -1;
    struct cm_err inner;
    if (read_hex(member, bits, out, &inner))
        return cm_fail(err, "\"%s\": %.400s", key, inner.text);
    return 0;
}

/* One generator under test: its cases are called "PREFIX: what". */
struct subject {
    const struct pcg_model *model;
    struct pcg start;
    char prefix[NAME];
    struct oracle_tally *tally;
};

static void name_case(char name[2 * NAME], const struct subject *s, const char *what)
{
    snprintf(name, 2 * NAME, "%s: %s", s->prefix, what);
}

static void expect(const struct subject *s, const char *what, cm_u128 got, cm_u128 want)
{
    char name[2 * NAME];
    name_case(name, s, what);
    if (got == want)
        oracle_passed(s->tally, name);
    else
        oracle_failed(s->tally, name, "0x%016jx%016jx, not 0x%016jx%016jx", (uintmax_t)(got >> 64),
                      (uintmax_t)(uint64_t)got, (uintmax_t)(want >> 64), (uintmax_t)(uint64_t)want);
}

/* Reads a member and expects it. */
static int expect_member(const struct subject *s, const json_t *object, const char *key,
                         cm_u128 got, struct cm_err *err)
{
    cm_u128 want;
    if (member_hex(object, key, s->model->state_bits, &want, err))
        return -1;
    expect(s, key, got, want);
    return 0;
}

/* Expects `rng` to put out what the array `key` says; a difference names the first wrong output. */
static int expect_outputs(const struct subject *s, struct pcg rng, const json_t *object,
                          const char *key, struct cm_err *err)
{
    const json_t *outputs = oracle_member(object, key, JSON_ARRAY, err);
    if (outputs == NULL)
        return -1;
    size_t n = json_array_size(outputs), first = n;
    if (n == 0)
        return cm_fail(err, "\"%s\" is empty", key);
    for (size_t i = 0; i < n; i++) {
        cm_u128 want;
        struct cm_err inner;
        if (read_hex(json_array_get(outputs, i), s->model->output_bits, &want, &inner))
            return cm_fail(err, "\"%s\": %.400s", key, inner.text);
        if (s->model->next(&rng) != want && first == n)
            first = i;
    }
    char name[2 * NAME];
    name_case(name, s, key);
    if (first == n)
        oracle_passed(s->tally, name);
    else
        oracle_failed(s->tally, name, "output %zu is not %s", first,
                      json_string_value(json_array_get(outputs, first)));
    return 0;
}

static int expect_doubles(const struct subject *s, const json_t *vector, struct cm_err *err)
{
    const json_t *doubles = oracle_member(vector, "doubles53", JSON_ARRAY, err);
    if (doubles == NULL)
        return -1;
    struct pcg rng = s->start;
    for (size_t i = 0; i < json_array_size(doubles); i++) {
        const char *text = json_string_value(json_array_get(doubles, i));
        char *end = NULL, name[2 * NAME], what[32];
        double want = text != NULL ? strtod(text, &end) : 0, got = s->model->unit(&rng);
        if (text == NULL || end == text || *end != '\0')
            return cm_fail(err, "\"doubles53\": \"%.60s\" is not a number like \"0x1.8p-1\"",
                           text != NULL ? text : "");
        snprintf(what, sizeof what, "doubles53[%zu]", i);
        name_case(name, s, what);
        if (got == want)
            oracle_passed(s->tally, name);
        else
            oracle_failed(s->tally, name, "%a, not %a", got, want);
    }
    return 0;
}

/* One jump: the state it leads to, what follows there, and the way back. */
static int check_jump(const struct subject *s, const json_t *jump, struct cm_err *err)
{
    cm_u128 delta;
    if (member_hex(jump, "delta", s->model->state_bits, &delta, err))
        return -1;
    struct pcg there = s->start;
    s->model->advance(&there, delta);
    struct pcg back = there;
    s->model->advance(&back, -delta);
    expect(s, "back", back.state, s->start.state);
    return expect_member(s, jump, "state", there.state, err) ||
                   expect_outputs(s, there, jump, "outputs", err)
               ? -1
               : 0;
}

static int check_jumps(const struct subject *s, const json_t *vector, struct cm_err *err)
{
    const json_t *jumps = oracle_member(vector, "advance", JSON_ARRAY, err);
    if (jumps == NULL)
        return -1;
    for (size_t i = 0; i < json_array_size(jumps); i++) {
        struct subject jump = *s;
        snprintf(jump.prefix, NAME, "%.90s advance[%zu]", s->prefix, i);
        if (check_jump(&jump, json_array_get(jumps, i), err))
            return fault_in(err, "advance", i);
    }
    return 0;
}

static const struct pcg_model *find_model(const char *name)
{
    static const struct pcg_model *const models[] = {&pcg32_model, &pcg64_model, &pcg64dxsm_model};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (strcmp(models[i]->name, name) == 0)
            return models[i];
    return NULL;
}

/* Puts `s` where a vector begins; 1 if nothing here generates its kind, which skips it. */
static int begin(struct subject *s, const json_t *vector, struct cm_err *err)
{
    const char *algorithm = oracle_text(vector, "algorithm", err);
    const char *seeding = algorithm != NULL ? oracle_text(vector, "seeding", err) : NULL;
    if (seeding == NULL)
        return -1;
    s->model = find_model(algorithm);
    bool as_numpy = strcmp(seeding, NUMPY_SEEDING) == 0;
    if (s->model == NULL || (as_numpy && s->model != &pcg64dxsm_model) ||
        (!as_numpy && strcmp(seeding, OWN_SEEDING) != 0)) {
        oracle_skipped(s->tally, s->prefix, "no such generator or seeding here");
        return 1;
    }
    cm_u128 initstate, initseq;
    if (member_hex(vector, "initstate", s->model->state_bits, &initstate, err) ||
        member_hex(vector, "initseq", s->model->state_bits, &initseq, err))
        return -1;
    s->start = (as_numpy ? pcg64dxsm_seed_as_numpy : s->model->seed)(initstate, initseq);
    return 0;
}

static int check_vector(const json_t *vector, size_t i, struct oracle_tally *tally,
                        struct cm_err *err)
{
    struct subject s = {.tally = tally};
    snprintf(s.prefix, NAME, "vectors[%zu]", i);
    int skipped = begin(&s, vector, err);
    if (skipped != 0)
        return skipped > 0 ? 0 : -1;
    snprintf(s.prefix, NAME, "vectors[%zu] %s", i, s.model->name);
    struct pcg after = s.start;
    for (int step = 0; step < 16; step++)
        s.model->next(&after);
    if (expect_member(&s, vector, "state", s.start.state, err) ||
        expect_member(&s, vector, "inc", s.start.increment, err) ||
        expect_outputs(&s, s.start, vector, "outputs", err) ||
        expect_member(&s, vector, "state_after_16", after.state, err) ||
        (s.model->unit != NULL && expect_doubles(&s, vector, err)))
        return -1;
    return check_jumps(&s, vector, err);
}

/* What numpy seeds with: integers cut into words of 32 bits, the lowest first; 0 is one word. */
struct entropy {
    uint32_t words[MAX_WORDS];
    size_t n;
};

/* Appends a decimal integer (JSON's, or a string of digits if it was long): x = 10 x + digit. */
static int append_decimal(struct entropy *e, const char *digits, struct cm_err *err)
{
    size_t first = e->n;
    if (first == MAX_WORDS || *digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return cm_fail(err, "entropy \"%.40s\" is not a whole number, or there is too much",
                       digits);
    e->words[e->n++] = 0;
    for (; *digits != '\0'; digits++) {
        uint64_t carry = (uint64_t)(*digits - '0');
        for (size_t i = first; i < e->n; i++) {
            carry += (uint64_t)e->words[i] * 10;
            e->words[i] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry > 0 && e->n == MAX_WORDS)
            return cm_fail(err, "entropy of more than %d words", MAX_WORDS);
        if (carry > 0)
            e->words[e->n++] = (uint32_t)carry;
    }
    return 0;
}

static int append_integer(struct entropy *e, const json_t *value, struct cm_err *err)
{
    char digits[32] = "";
    if (json_is_integer(value))
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return append_decimal(e, json_is_string(value) ? json_string_value(value) : digits, err);
}

/* An integer, or a list of integers. */
static int read_entropy(struct entropy *e, const json_t *value, struct cm_err *err)
{
    e->n = 0;
    if (!json_is_array(value))
        return append_integer(e, value, err);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (append_integer(e, json_array_get(value, i), err))
            return -1;
    return 0;
}

/* A generator of numpy's seeded with this entropy; the words are SeedSequence's. */
static void seed_as_numpy(struct subject *s, const struct entropy *entropy, uint64_t words[4])
{
    seed_sequence(entropy->words, entropy->n, words);
    bool dxsm = s->model == &pcg64dxsm_model;
    s->start = (dxsm ? pcg64dxsm_seed_as_numpy : s->model->seed)(cm_rng_join(words[0], words[1]),
                                                                 cm_rng_join(words[2], words[3]));
}

static int expect_words(const struct subject *s, const json_t *sequence, const uint64_t words[4],
                        struct cm_err *err)
{
    static const char key[] = "seedsequence_words_u64";
    const json_t *want = oracle_member(sequence, key, JSON_ARRAY, err);
    if (want == NULL)
        return -1;
    if (json_array_size(want) != 4)
        return cm_fail(err, "\"%s\" has %zu words, not 4", key, json_array_size(want));
    for (size_t i = 0; i < 4; i++) {
        cm_u128 word;
        char what[40];
        if (read_hex(json_array_get(want, i), 64, &word, err))
            return -1;
        snprintf(what, sizeof what, "%s[%zu]", key, i);
        expect(s, what, words[i], word);
    }
    return 0;
}

static int check_sequence(const json_t *sequence, size_t i, struct oracle_tally *tally,
                          struct cm_err *err)
{
    struct subject s = {.tally = tally};
    struct entropy entropy;
    const char *class = oracle_text(sequence, "numpy_class", err);
    if (class == NULL || read_entropy(&entropy, json_object_get(sequence, "entropy"), err))
        return -1;
    snprintf(s.prefix, NAME, "numpy_seedsequence[%zu]", i);
    s.model = strcmp(class, "PCG64") == 0       ? &pcg64_model
              : strcmp(class, "PCG64DXSM") == 0 ? &pcg64dxsm_model
                                                : NULL;
    if (s.model == NULL) {
        oracle_skipped(tally, s.prefix, "no such generator here");
        return 0;
    }
    uint64_t words[4];
    seed_as_numpy(&s, &entropy, words);
    struct pcg jumped = s.start;
    s.model->advance(&jumped, cm_rng_join(0x9e3779b97f4a7c15u, 0xf39cc0605cedc835u));
    return expect_words(&s, sequence, words, err) ||
                   expect_member(&s, sequence, "state", s.start.state, err) ||
                   expect_member(&s, sequence, "inc", s.start.increment, err) ||
                   expect_outputs(&s, s.start, sequence, "outputs", err) ||
                   expect_member(&s, sequence, "state_after_jumped", jumped.state, err)
               ? -1
               : 0;
}

/* A set's file name says which generator wrote it. */
static int check_set(const json_t *set, size_t i, struct oracle_tally *tally, struct cm_err *err)
{
    struct subject s = {.tally = tally};
    const char *file = oracle_text(set, "file", err);
    cm_u128 seed, last;
    if (file == NULL || member_hex(set, "seed", 64, &seed, err) ||
        member_hex(set, "last", 64, &last, err))
        return -1;
    snprintf(s.prefix, NAME, "numpy_published_testsets[%zu]", i);
    s.model = strncmp(file, "pcg64-", 6) == 0        ? &pcg64_model
              : strncmp(file, "pcg64dxsm-", 10) == 0 ? &pcg64dxsm_model
                                                     : NULL;
    if (s.model == NULL) {
        oracle_skipped(tally, s.prefix, "no such generator here");
        return 0;
    }
    const json_t *n = oracle_member(set, "n", JSON_INTEGER, err);
    if (n == NULL)
        return -1;
    if (json_integer_value(n) < 1 || json_integer_value(n) > MAX_N)
        return cm_fail(err, "\"n\" is not within 1 and %d", MAX_N);
    struct entropy entropy = {{(uint32_t)seed, (uint32_t)(seed >> 32)}, seed >> 32 != 0 ? 2 : 1};
    uint64_t words[4], word = 0;
    seed_as_numpy(&s, &entropy, words);
    struct pcg rng = s.start;
    for (json_int_t j = 0; j < json_integer_value(n); j++)
        word = s.model->next(&rng);
    expect(&s, "last", word, last);
    return expect_outputs(&s, s.start, set, "first16", err);
}

int oracle_pcg(const json_t *file, struct oracle_tally *tally, struct cm_err *err)
{
    static const struct {
        const char *key;
        int (*check)(const json_t *, size_t, struct oracle_tally *, struct cm_err *);
    } sections[] = {
        {"vectors", check_vector},
        {"numpy_seedsequence", check_sequence},
        {"numpy_published_testsets", check_set},
    };
    const char *schema = oracle_text(file, "schema", err);
    if (schema == NULL)
        return -1;
    if (strcmp(schema, "pcg_vectors/1") != 0)
        return cm_fail(err, "schema \"%.60s\", not \"pcg_vectors/1\"", schema);
    for (size_t s = 0; s < sizeof sections / sizeof *sections; s++) {
        if (json_object_get(file, sections[s].key) == NULL)
            continue;
        const json_t *cases = oracle_member(file, sections[s].key, JSON_ARRAY, err);
        if (cases == NULL)
            return -1;
        for (size_t i = 0; i < json_array_size(cases); i++)
            if (sections[s].check(json_array_get(cases, i), i, tally, err))
                return fault_in(err, sections[s].key, i);
    }
    return 0;
}
