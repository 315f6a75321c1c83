/* One stratum of the mixture; see the header. */
#include "sim/stats/origin_beta.h"

#include <assert.h>

#include "sim/stats/binomial_mixture.h"
#include "sim/stats/origin.h"

void cm_origin_beta_add(const struct cm_origin_beta *o, struct cm_origin_beta_state *st,
                        const struct cm_two_counts *c)
{
    assert(o->concentration > 0 && o->margin > 0);
    uint64_t events = c->x0 + c->x1;
    if (events == 0 || c->n0 == 0 || c->n1 == 0)
        return;
    if (st->events == 0)
        st->events = o->concentration, st->ratio = 1;
    double share = cm_origin_share(c->n0, c->n1, o->margin);
    double mean = cm_origin_share(c->n0, c->n1, o->margin * st->ratio);
    double a = st->events * mean, b = st->events - a;
    struct cm_binomial_mixture m = cm_binomial_mixture_of(share, a, b, o->one_sided);
    st->log_e += cm_binomial_mixture_log_e(&m, c->x1, events);
    st->events += (double)events;
    st->ratio = (a + (double)c->x1) / (b + (double)c->x0) * ((1 - share) / share);
    st->excess += (double)c->x1 - share * (double)events;
}
