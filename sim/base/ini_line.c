/* The grammar of one line:
 *
 *     blank    =
 *     comment  = [blanks] (";" | "#") anything
 *     header   = "[" name "]"
 *     key      = name "=" [value]
 *     more     = blanks value                        and after each of these: [blanks ";" anything]
 *
 * What comes close to it has its own diagnostic, because each of these forms is a habit from
 * another format: `key: value` from YAML, `measure >= 95%` from mathematics. */
#include "sim/base/ini_line.h"

#include <stdint.h>
#include <string.h>

/* Other white space is a control character, and does not come this far. */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* text[from, end) without the blanks at its end. */
static size_t trim_end(const char *text, size_t from, size_t end)
{
    while (end > from && is_blank(text[end - 1]))
        end--;
    return end;
}

/* The first byte of text[from, end) that is no blank. */
static size_t skip_blanks(const char *text, size_t from, size_t end)
{
    while (from < end && is_blank(text[from]))
        from++;
    return from;
}

/* The first byte of `set` in text[from, end), or `end`. */
static size_t find_any(const char *text, size_t from, size_t end, const char *set)
{
    while (from < end && !strchr(set, text[from]))
        from++;
    return from;
}

/* Where ` ;` begins its comment, or the line's length. */
static size_t comment_start(const char *text)
{
    size_t i = 0;
    for (; text[i]; i++)
        if (i > 0 && text[i] == ';' && is_blank(text[i - 1]))
            break;
    return i;
}

struct cm_place cm_ini_line_place(const struct cm_ini_line *line, size_t at, size_t length)
{
    struct cm_place place = line->place;
    place.column = at < INT32_MAX ? (int)at + 1 : INT32_MAX;
    place.length = length < INT32_MAX ? (int)length : INT32_MAX;
    return place;
}

/* A header that is wrong still begins its section, so that the keys below it have a place and
 * one mistake stays one. */
static void read_header(struct cm_ini_line *line, struct cm_diags *diags)
{
    const char *text = line->place.text;
    size_t close = find_any(text, 1, line->end, "]");
    line->kind = CM_LINE_HEADER;
    line->name_at = skip_blanks(text, 1, close);
    line->name_length = trim_end(text, line->name_at, close) - line->name_at;
    size_t junk = skip_blanks(text, close + 1, line->end);
    if (close == line->end)
        cm_diag_add(diags, CM_DIAG_HEADER_OPEN, cm_ini_line_place(line, 0, line->end),
                    "this header is not closed: write [section] or [section.name]");
    else if (junk < line->end)
        cm_diag_add(diags, CM_DIAG_HEADER_JUNK, cm_ini_line_place(line, junk, line->end - junk),
                    "'%.*s' cannot stand behind a header; a key begins its own line, a comment "
                    "begins with ' ;'",
                    (int)(line->end - junk), text + junk);
    if (line->name_length == 0 && close < line->end)
        cm_diag_add(diags, CM_DIAG_HEADER_EMPTY, cm_ini_line_place(line, 0, close + 1),
                    "this header names no section: write [section] or [section.name]");
}

/* `measure >= 95%`: the operator belongs to the value; `measure == 5` needs none. */
static void report_comparison(const struct cm_ini_line *line, size_t sign, struct cm_diags *diags)
{
    const char *text = line->place.text;
    size_t after = sign;
    while (after < line->end && strchr("<>=!", text[after]))
        after++;
    size_t value = skip_blanks(text, after, line->end);
    bool equal = text[sign] == '=';
    cm_diag_add(diags, CM_DIAG_COMPARISON, cm_ini_line_place(line, sign, after - sign),
                "a comparison is the value of its key: write '%.*s = %.*s%s%.*s'",
                (int)trim_end(text, 0, sign), text, equal ? 0 : (int)(after - sign), text + sign,
                equal ? "" : " ", (int)(line->end - value), text + value);
}

/* `key: value`. */
static void report_colon(const struct cm_ini_line *line, size_t colon, struct cm_diags *diags)
{
    const char *text = line->place.text;
    size_t value = skip_blanks(text, colon + 1, line->end);
    cm_diag_add(diags, CM_DIAG_COLON, cm_ini_line_place(line, colon, 1),
                "a key and its value are joined by '=': write '%.*s = %.*s'",
                (int)trim_end(text, 0, colon), text, (int)(line->end - value), text + value);
}

/* Where a comparison (<, >, <=, >=, ==, !=) stands in for `=`, or line->end. */
static size_t find_comparison(const struct cm_ini_line *line)
{
    const char *text = line->place.text;
    size_t sign = find_any(text, 0, line->end, "<>=");
    if (sign == line->end || text[sign] != '=')
        return sign;
    if (sign > 0 && text[sign - 1] == '!')
        return sign - 1;
    return text[sign + 1] == '=' ? sign : line->end;
}

/* The order of the questions matters: `a: b <= c` is a colon first, `a <= b` no missing `=`. */
static void read_key(struct cm_ini_line *line, struct cm_diags *diags)
{
    const char *text = line->place.text;
    size_t equals = find_any(text, 0, line->end, "=");
    size_t colon = find_any(text, 0, equals, ":");
    size_t sign = find_comparison(line);
    line->kind = CM_LINE_BAD;
    if (colon < equals && colon < sign) {
        report_colon(line, colon, diags);
    } else if (sign < line->end) {
        report_comparison(line, sign, diags);
    } else if (equals == line->end) {
        cm_diag_add(diags, CM_DIAG_NO_EQUALS, cm_ini_line_place(line, 0, line->end),
                    "this is neither a [header] nor a key: write 'key = value', or begin the line "
                    "with ';'");
    } else if (equals == 0) {
        cm_diag_add(diags, CM_DIAG_NO_KEY, cm_ini_line_place(line, 0, 1),
                    "there is no key before '='");
    } else {
        line->kind = CM_LINE_KEY;
        line->name_length = trim_end(text, 0, equals);
        line->value_at = skip_blanks(text, equals + 1, line->end);
        if (text[line->value_at] == ';') /* `key =; comment` */
            line->end = line->value_at;
    }
}

/* What has to fit libinih's buffer; comments never reach it. */
static bool is_long(struct cm_ini_line *line, struct cm_diags *diags)
{
    size_t length = strlen(line->place.text);
    if (length <= CM_LINE_MAX)
        return false;
    cm_diag_add(diags, CM_DIAG_LONG_LINE,
                cm_ini_line_place(line, CM_LINE_MAX, length - CM_LINE_MAX),
                "this line has %zu characters, %d fit; continue the value on an indented line",
                length, CM_LINE_MAX);
    line->kind = CM_LINE_BAD;
    return true;
}

void cm_ini_line_read(struct cm_ini_line *line, struct cm_diags *diags)
{
    const char *text = line->place.text;
    size_t first = strspn(text, " \t");
    line->kind = text[first] ? CM_LINE_COMMENT : CM_LINE_BLANK;
    if (!text[first] || strchr(";#", text[first]) || is_long(line, diags))
        return;
    line->end = trim_end(text, first, comment_start(text));
    line->value_at = first;
    if (first > 0)
        line->kind = CM_LINE_MORE;
    else if (text[0] == '[')
        read_header(line, diags);
    else
        read_key(line, diags);
}

/* What keys and sections are written with, ours and others'. */
static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("_-.", c));
}

bool cm_ini_line_is_key_like(const struct cm_ini_line *line)
{
    const char *text = line->place.text;
    size_t from = line->value_at, i = from;
    if (text[from] == '[' && text[line->end - 1] == ']')
        return true;
    while (i < line->end && is_name_byte(text[i]))
        i++;
    size_t equals = skip_blanks(text, i, line->end);
    return i > from && equals < line->end && text[equals] == '=' &&
           !(text[equals + 1] && strchr("=~", text[equals + 1]));
}

size_t cm_ini_line_cut_quote(const struct cm_ini_line *line)
{
    const char *text = line->place.text;
    size_t comment = comment_start(text), quotes = 0;
    if (!text[comment] || line->value_at == line->end || text[line->value_at] != '"')
        return 0;
    for (size_t i = line->value_at; i < line->end; i++)
        quotes += text[i] == '"';
    return quotes % 2 ? comment : 0;
}
