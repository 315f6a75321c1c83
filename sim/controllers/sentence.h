/* Sentences with blanks: what a controller says, as the program that it models would say it.
 *
 *     {x} {n}               counts of the evidence, the canary's
 *     {value} {limit}       numbers of the evidence
 *     {value%} {limit%}     in percents
 *     {value.2} {value%.2}  with two decimals
 *     {value.go}            a duration as Go writes it: 1.2s, 501ms
 *     {app} {hook} ...      words that whoever listens knows: an application, the hook with the
 *                           evidence's id, a key of the policy */
#ifndef CM_SENTENCE_H
#define CM_SENTENCE_H

#include "sim/base/write.h"
#include "sim/gates/gate.h"

/* Writes the word for a blank, which is not terminated; nothing if there is none. */
struct cm_words {
    const void *self;
    void (*write)(const void *self, const char *blank, size_t length, int id, struct cm_writer to);
};

void cm_sentence_write(const char *sentence, const struct cm_evidence *why,
                       const struct cm_words *words, struct cm_writer to);

#endif
