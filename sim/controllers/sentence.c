/* Filling in the blanks; see the header. Numbers are cut to 12 digits: what stands behind them are
 * decimals that a person wrote, moved by a rounding or two. */
#include "sim/controllers/sentence.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static bool is(const char *blank, size_t length, const char *name)
{
    return strlen(name) == length && strncmp(blank, name, length) == 0;
}

/* In the largest unit in which it is at least 1, as time.Duration prints itself (below a minute;
 * minutes and hours before the seconds). */
static void write_duration(double seconds, struct cm_writer to)
{
    double s = fabs(seconds);
    long minutes = s >= 60 ? (long)(s / 60) : 0;
    if (seconds < 0)
        cm_print(to, "-");
    if (minutes >= 60)
        cm_print(to, "%ldh", minutes / 60);
    if (minutes > 0)
        cm_print(to, "%ldm", minutes % 60);
    if (s > 0 && s < 1)
        cm_print(to, "%.12gms", s * 1000);
    else
        cm_print(to, "%.12gs", s - 60 * (double)minutes);
}

/* "", "%", ".2", "%.2" or ".go" after the name of a number. */
static void write_number(double value, const char *format, size_t length, struct cm_writer to)
{
    bool percent = length > 0 && format[0] == '%';
    if (is(format, length, ".go"))
        write_duration(value, to);
    else if (length > 1)
        cm_print(to, "%.2f", percent ? value * 100 : value);
    else
        cm_print(to, "%.12g", percent ? value * 100 : value);
}

static void write_blank(const char *blank, size_t length, const struct cm_evidence *why,
                        const struct cm_words *words, struct cm_writer to)
{
    static const size_t NUMBER = sizeof "value" - 1; /* and of "limit" */
    if (is(blank, length, "x"))
        cm_print(to, "%" PRIu64, why->x1);
    else if (is(blank, length, "n"))
        cm_print(to, "%" PRIu64, why->n1);
    else if (length >= NUMBER && strncmp(blank, "value", NUMBER) == 0)
        write_number(why->value, blank + NUMBER, length - NUMBER, to);
    else if (length >= NUMBER && strncmp(blank, "limit", NUMBER) == 0)
        write_number(why->limit, blank + NUMBER, length - NUMBER, to);
    else
        words->write(words->self, blank, length, why->id, to);
}

void cm_sentence_write(const char *sentence, const struct cm_evidence *why,
                       const struct cm_words *words, struct cm_writer to)
{
    const struct cm_evidence nothing = cm_verdict_of(CM_PASS, -1).why;
    while (*sentence) {
        size_t plain = strcspn(sentence, "{");
        cm_print(to, "%.*s", (int)plain, sentence);
        sentence += plain;
        if (!*sentence)
            return;
        size_t length = strcspn(sentence + 1, "}");
        write_blank(sentence + 1, length, why ? why : &nothing, words, to);
        sentence += length + 2;
    }
}
