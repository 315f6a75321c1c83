/* Backwards from the window's end, until a piece ended so long before it that nothing is left. */
#include "sim/engine/reach.h"

/* Pieces that begin before `until`; the last one usually does. */
static size_t begun_before(const struct cm_world *w, cm_time until)
{
    size_t low = 0, high = w->n;
    if (high > 0 && cm_world_piece(w, high - 1)->from < until)
        return high;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cm_world_piece(w, middle)->from < until)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct cm_reach cm_reach_begin(const struct cm_world *w, cm_time from, cm_time until)
{
    return (struct cm_reach){
        .world = w,
        .from = from,
        .until = until,
        .next = begun_before(w, until),
        .answer = {0, cm_seconds(until - from)},
    };
}

/* Where the piece lies that begins before the window ends. */
static void place(struct cm_reach *r)
{
    double begins = r->arrive[0], ends = r->arrive[1], until = r->answer[1];
    bool begun = begins < 0, ended = ends < 0, over = ends < until;
    double to_end = until - (over ? ends : begins), to_start = -(ended ? ends : begins);
    r->inside = ended ? 0 : (over ? ends : until) - (begun ? 0 : begins);
    r->in_flight = (begun && !ended) - !over;
    r->nearest = begun && to_start < to_end ? to_start : to_end;
}

const struct cm_piece *cm_reach_next(struct cm_reach *r)
{
    while (r->next > 0) {
        const struct cm_piece *piece = cm_world_piece(r->world, --r->next);
        r->arrive[1] = r->piece ? r->arrive[0] : cm_seconds(piece->until - r->from);
        if (-r->arrive[1] <= r->world->shapes.longest) {
            r->arrive[0] = cm_seconds(piece->from - r->from);
            place(r);
            return r->piece = piece;
        }
        r->next = 0;
    }
    return r->piece = NULL;
}

const struct cm_piece *cm_reach_part(struct cm_reach *r, size_t version)
{
    if (r->piece && ++r->part < cm_piece_parts(r->piece, version))
        return r->piece;
    r->part = 0;
    return cm_reach_next(r);
}
