/* The exponential function, for those who need one for each of many random numbers.
 *
 *     e^x = 2^(k / 128) e^r,  k = x 128 / ln 2 rounded,  |r| <= ln 2 / 256
 *
 * The power of two comes from a table and the exponent's bits, e^r from Taylor's series to the
 * fifth power, which leaves out less than 1e-18 (Tang, ACM TOMS 15(2), 1989). What is returned is
 * within one unit of the last place. Unlike libm's, which is made differently for processors with
 * fused multiplication, it is the same number everywhere; and it is inline. */
#ifndef CM_EXP_H
#define CM_EXP_H

#include <stdint.h>
#include <string.h>

#define CM_EXP_POWERS 128

extern const double cm_exp_powers[CM_EXP_POWERS]; /* 2^(i / 128), rounded */

/* Of -690 to 690, where the exponent has room; that is not checked. */
static inline double cm_exp(double x)
{
    /* Adding 1.5 2^52 rounds to whole numbers, and leaves them in the last bits. ln 2 / 128 is in
     * two parts, of which k times the first one is exact. */
    const double to_whole = 0x1.8p52, per = 0x1.71547652b82fep7;
    const double high = 0x1.62e42fefp-8, low = 0x1.473de6af278edp-41;
    double shifted = x * per + to_whole, k = shifted - to_whole;
    double r = x - k * high - k * low, r2 = r * r;
    double more = r + r2 * (1.0 / 2 + r * (1.0 / 6) + r2 * (1.0 / 24 + r * (1.0 / 120)));
    uint64_t whole, bits;
    memcpy(&whole, &shifted, sizeof whole);
    memcpy(&bits, &cm_exp_powers[whole % CM_EXP_POWERS], sizeof bits);
    bits += whole / CM_EXP_POWERS << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power + power * more;
}

#endif
