/* SHA-256 as FIPS 180-4, sections 4.1.2, 5.3.3 and 6.2.2, describes it, in its own letters. It is
 * here for its name, not for secrets: everybody can check one with sha256sum. */
#include "sim/base/digest.h"

#include <string.h>

enum { BLOCK = 64, ROUNDS = 64 };

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t K[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

/* W of 6.2.2, step 1. */
static void schedule(const unsigned char *block, uint32_t w[ROUNDS])
{
    for (size_t t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
               (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
    for (size_t t = 16; t < ROUNDS; t++) {
        uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
        uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
}

/* Steps 2 to 4; v holds a, b, ... h. */
static void compress(uint32_t state[8], const unsigned char *block)
{
    uint32_t w[ROUNDS], v[8];
    schedule(block, w);
    memcpy(v, state, sizeof v);
    for (int t = 0; t < ROUNDS; t++) {
        uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t t1 = v[7] + s1 + choice + K[t] + w[t];
        uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + s0 + majority;
    }
    for (int i = 0; i < 8; i++)
        state[i] += v[i];
}

/* The fractional parts of the square roots of the first eight primes (5.3.3). */
void cm_digest_start(struct cm_digest *d)
{
    *d = (struct cm_digest){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                                      0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void cm_digest_add(struct cm_digest *d, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    while (length > 0) {
        size_t held = (size_t)(d->length % BLOCK), n = BLOCK - held;
        n = n < length ? n : length;
        memcpy(d->pending + held, at, n);
        d->length += n;
        at += n;
        length -= n;
        if (d->length % BLOCK == 0)
            compress(d->state, d->pending);
    }
}

/* A one bit, zeros up to the last eight bytes of a block, and the length in bits (5.1.1). */
void cm_digest_end(struct cm_digest *d, char text[CM_DIGEST_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    static const unsigned char padding[BLOCK] = {0x80};
    uint64_t bits = 8 * d->length;
    unsigned char end[8];
    size_t held = (size_t)(d->length % BLOCK);
    for (int i = 0; i < 8; i++)
        end[i] = (unsigned char)(bits >> (56 - 8 * i));
    cm_digest_add(d, padding, held < 56 ? 56 - held : 120 - held);
    cm_digest_add(d, end, sizeof end);
    for (size_t i = 0; i < 64; i++)
        text[i] = digits[d->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
    text[64] = '\0';
}

static void add(void *self, const char *text, size_t length)
{
    cm_digest_add(self, text, length);
}

struct cm_writer cm_digest_writer(struct cm_digest *d)
{
    return (struct cm_writer){d, add};
}

void cm_digest_of(const void *bytes, size_t length, char text[CM_DIGEST_TEXT])
{
    struct cm_digest d;
    cm_digest_start(&d);
    cm_digest_add(&d, bytes, length);
    cm_digest_end(&d, text);
}
