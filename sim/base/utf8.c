/* UTF-8 by the table of well-formed sequences (The Unicode Standard, table 3-7): no overlong
 * forms, no surrogates, nothing above U+10FFFF.
 *
 * Widths follow UAX #11 in ranges: coarse, but a caret under a German or a Chinese comment stands
 * where it should. Locale functions would make the output depend on the machine. */
#include "sim/base/utf8.h"

#include <stdint.h>

struct range {
    uint32_t first, last;
};

/* Marks that stand on the character before them, joiners, variation selectors. */
static const struct range combining[] = {
    {0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
    {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF},
};
/* Hangul, CJK, kana, fullwidth forms, emoji. */
static const struct range wide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
    {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD},
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Ranges are few and ascending: a search in order is quick enough for one line of a file. */
static bool within(uint32_t code, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* Bytes that a lead byte announces; 0 = it cannot lead. */
static size_t announced(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* The code point of `n` bytes, or UINT32_MAX. */
static uint32_t decode(const unsigned char *byte, size_t n)
{
    static const unsigned char payload[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code = byte[0] & payload[n];
    for (size_t i = 1; i < n; i++) {
        if ((byte[i] & 0xC0) != 0x80)
            return UINT32_MAX;
        code = code << 6 | (byte[i] & 0x3F);
    }
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < least[n] || surrogate || code > 0x10FFFF ? UINT32_MAX : code;
}

struct cm_glyph cm_glyph_at(const char *text, size_t length)
{
    const unsigned char *byte = (const unsigned char *)text;
    size_t n = announced(byte[0]);
    uint32_t code = n && n <= length ? decode(byte, n) : UINT32_MAX;
    bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    if (code == UINT32_MAX || control)
        return (struct cm_glyph){.bytes = 1, .columns = 1};
    int columns = 1;
    if (code >= combining[0].first) {
        if (within(code, combining, COUNT(combining)))
            columns = 0;
        else if (within(code, wide, COUNT(wide)))
            columns = 2;
    }
    return (struct cm_glyph){.bytes = n, .columns = columns, .good = true};
}

void cm_write_clean(struct cm_writer to, const char *text, size_t length)
{
    size_t from = 0;
    for (size_t i = 0; i < length;) {
        struct cm_glyph glyph = cm_glyph_at(text + i, length - i);
        if (!glyph.good) {
            to.write(to.self, text + from, i - from);
            to.write(to.self, "?", 1);
            from = i + glyph.bytes;
        }
        i += glyph.bytes;
    }
    to.write(to.self, text + from, length - from);
}
