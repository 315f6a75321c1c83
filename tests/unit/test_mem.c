/* Arenas and growing blocks. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "sim/base/mem.h"

Test(mem, an_empty_arena_releases_and_releases_again)
{
    struct cm_arena arena = {0};
    cm_arena_release(&arena);
    cm_arena_alloc(&arena, 10);
    cm_arena_release(&arena);
    cm_arena_release(&arena);
    cr_assert_null(arena.chunks);
}

Test(mem, arena_blocks_are_zeroed_aligned_and_apart)
{
    struct cm_arena arena = {0};
    unsigned char *last = NULL;
    size_t last_size = 0;
    for (size_t i = 0; i < 3000; i++) {
        size_t size = i * i % 977; /* crosses several chunks, 0 included */
        unsigned char *block = cm_arena_alloc(&arena, size);
        cr_assert_eq((uintptr_t)block % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++)
            cr_assert_eq(block[k], 0);
        memset(block, 0xff, size);
        cr_assert(!last || last + last_size <= block || block + size <= last);
        last = block;
        last_size = size;
    }
    cm_arena_release(&arena);
}

Test(mem, what_an_arena_gave_stays_where_it_is)
{
    struct cm_arena arena = {0};
    char *first = cm_arena_text(&arena, "first", 5);
    char *large = cm_arena_alloc(&arena, 1 << 20);
    memset(large, 'x', 1 << 20);
    for (int i = 0; i < 1000; i++)
        cm_arena_alloc(&arena, 500);
    cr_assert_str_eq(first, "first");
    cr_assert_eq(large[(1 << 20) - 1], 'x');
    cm_arena_release(&arena);
}

Test(mem, an_arena_text_is_cut_to_its_length_and_terminated)
{
    struct cm_arena arena = {0};
    cr_assert_str_eq(cm_arena_text(&arena, "threshold", 3), "thr");
    cr_assert_str_eq(cm_arena_text(&arena, "x", 0), "");
    cm_arena_release(&arena);
}

Test(mem, growing_keeps_what_was_there)
{
    int *block = NULL;
    for (size_t n = 1; n <= 1000; n++) {
        block = cm_grow(block, n, sizeof *block);
        block[n - 1] = (int)n;
    }
    for (int n = 1; n <= 1000; n++)
        cr_assert_eq(block[n - 1], n);
    cm_free(block);
    cm_free(NULL);
    cm_free(cm_alloc(0));
}

Test(mem, a_size_that_overflows_ends_the_program_with_status_1, .exit_code = 1)
{
    cm_grow(NULL, SIZE_MAX / 2, 3);
}
