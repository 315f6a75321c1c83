/* Which way a test looks. Arms are control and canary; greater always means that the canary's value
 * is the larger one, which is the worse one for errors and latencies. */
#ifndef CM_ALTERNATIVE_H
#define CM_ALTERNATIVE_H

enum cm_alternative { CM_GREATER, CM_LESS, CM_TWO_SIDED };

/* P(Z >= z), P(Z <= z), P(|Z| >= |z|) of a standard normal Z. NAN for NAN. */
double cm_alternative_p_of_z(double z, enum cm_alternative alternative);

/* The one that asks the same of control and canary exchanged. */
enum cm_alternative cm_alternative_mirror(enum cm_alternative alternative);

#endif
