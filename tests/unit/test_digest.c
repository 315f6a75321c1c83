/* SHA-256 against the examples of FIPS 180-4 (NIST, "Examples with Intermediate Values") and of
 * lengths around the ends of blocks. */
#include <criterion/criterion.h>
#include <string.h>

#include "sim/base/digest.h"

static void expect_digest(const char *text, size_t length, const char *want)
{
    char got[CM_DIGEST_TEXT];
    cm_digest_of(text, length, got);
    cr_expect_str_eq(got, want, "of %zu bytes", length);
}

/* NIST's one-block and two-block messages; the third is the empty one. */
Test(digest, the_examples_of_the_standard_come_out)
{
    static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    expect_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_digest(two, strlen(two),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* NIST's long message: a million times "a". */
Test(digest, a_million_letters_in_pieces_of_any_length_come_out)
{
    static char letters[1000];
    struct cm_digest d;
    char got[CM_DIGEST_TEXT];
    memset(letters, 'a', sizeof letters);
    cm_digest_start(&d);
    for (size_t done = 0, n = 1; done < 1000000; done += n) {
        n = n % 997 + 1;
        n = n < 1000000 - done ? n : 1000000 - done;
        cm_digest_add(&d, letters, n);
    }
    cm_digest_end(&d, got);
    cr_expect_str_eq(got, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* From sha256sum (coreutils) of as many letters a: the padding fits, just fits, and does not. */
Test(digest, the_padding_is_right_around_the_end_of_a_block)
{
    static const struct {
        size_t length;
        const char *want;
    } cases[] = {
        {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
    };
    char letters[64];
    memset(letters, 'a', sizeof letters);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_digest(letters, cases[i].length, cases[i].want);
}

Test(digest, what_is_printed_is_what_counts)
{
    struct cm_digest d;
    char printed[CM_DIGEST_TEXT], whole[CM_DIGEST_TEXT];
    cm_digest_start(&d);
    cm_print(cm_digest_writer(&d), "%s = %d", "seed", 7);
    cm_digest_end(&d, printed);
    cm_digest_of("seed = 7", 8, whole);
    cr_expect_str_eq(printed, whole);
}
