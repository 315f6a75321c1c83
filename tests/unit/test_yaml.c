/* The YAML reader: what a tree holds, where it stands, and what hostile files get for an answer. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "interop/yaml.h"

static struct cm_arena arena;
static struct cm_notes notes;
static struct cm_buffer shown;
static struct cm_yaml yaml;

static void tear_down(void)
{
    cm_arena_release(&arena);
    cm_notes_release(&notes);
    cm_buffer_release(&shown);
}

TestSuite(yaml, .fini = tear_down);

static int parse_bytes(const char *text, size_t length)
{
    cm_notes_release(&notes);
    return cm_yaml_read(&yaml, "a.yaml", text, length, &arena, &notes);
}

static int parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static const char *said(void)
{
    cm_buffer_clear(&shown);
    cm_notes_write(&notes, false, cm_buffer_writer(&shown));
    return shown.text ? shown.text : "";
}

static const struct cm_node *child(const struct cm_node *map, const char *key)
{
    for (const struct cm_node *node = map->first; node; node = node->next)
        if (strcmp(node->key, key) == 0)
            return node;
    return NULL;
}

Test(yaml, maps_lists_and_texts_keep_their_lines)
{
    cr_assert_eq(parse("kind: Canary\nspec:\n  steps: [5, '10']\n  note: |\n    two\n    lines\n"),
                 0);
    cr_assert_eq(yaml.n, 1);
    const struct cm_node *root = yaml.documents[0], *spec = child(root, "spec");
    cr_expect_str_eq(child(root, "kind")->text, "Canary");
    const struct cm_node *steps = child(spec, "steps");
    cr_assert(steps && steps->kind == CM_NODE_LIST && steps->n == 2);
    cr_expect(!steps->first->quoted && steps->last->quoted);
    cr_expect_str_eq(child(spec, "note")->text, "two\nlines\n");
    struct cm_place place = cm_yaml_place(steps->last);
    cr_expect(place.line == 3 && place.column == 14 && place.length == 4);
    cr_expect_str_eq(place.text, "  steps: [5, '10']");
    place = cm_yaml_key_place(steps);
    cr_expect(place.line == 3 && place.column == 3 && place.length == 5);
}

Test(yaml, columns_are_bytes_behind_text_that_is_not_ascii)
{
    cr_assert_eq(parse("\xC3\xA4\xC3\xB6: 1\n\"\xC3\xBC\": {a: b}\n"), 0);
    cr_expect_eq(cm_yaml_place(yaml.documents[0]->first).column, 7);
    cr_expect_eq(cm_yaml_place(child(yaml.documents[0]->last, "a")).column, 11);
}

Test(yaml, every_document_of_a_file_is_read_and_json_is_yaml)
{
    cr_assert_eq(parse("---\na: 1\n---\n# nothing\n---\n{\"b\": [true, null, 1.5e3]}\n"), 0);
    cr_assert_eq(yaml.n, 3);
    cr_expect(yaml.documents[1]->is_null);
    cr_expect(child(yaml.documents[2], "b")->first->next->is_null);
}

Test(yaml, line_ends_of_any_system_are_counted_alike)
{
    cr_assert_eq(parse("\xEF\xBB\xBF"
                       "a: 1\r\nb: 2\rc: 3\n"),
                 0);
    struct cm_place place = cm_yaml_place(child(yaml.documents[0], "c"));
    cr_expect_eq(place.line, 3);
    cr_expect_str_eq(place.text, "c: 3");
}

Test(yaml, an_alias_stands_where_it_is_written)
{
    cr_assert_eq(parse("a: &x {b: 1}\nc: *x\n"), 0);
    const struct cm_node *c = child(yaml.documents[0], "c");
    cr_expect_eq(c->kind, CM_NODE_MAP);
    cr_expect_eq(cm_yaml_place(c).line, 2);
    cr_expect_str_eq(c->first->text, "1");
}

Test(yaml, what_cannot_be_read_is_said_with_its_place)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"a: [1, 2\nb: 3\n", "a.yaml:2:"},
        {"a: 1\n\tb: 2\n", "a.yaml:2:"},
        {"a: 1\nb: 2\na: 3\n", "a.yaml:3:1: error: key 'a' was given in line 1 already"},
        {"{\"a\": 1,\n \"a\": 2}", "a.yaml:2:2: error: key 'a' was given in line 1 already"},
        {"? [a]\n: b\n", "a.yaml:1:3: error: a key has to be a word"},
        {"a: &x 1\n<<: *x\n", "merge keys (<<) are not read"},
        {"a: *x\n", "a.yaml:1:4: error: an alias without its anchor"},
        {"a: &x [*x]\n", "an alias inside of what it stands for"},
        {"a: \"b\\0c\"\n", "a text with control characters"},
        {"a: 1\nb: \"\\x1b[2J\"\n", "a.yaml:2:4: error: a text with control characters"},
        {"a: 1\nb: \xFF\n", "a.yaml:2: error: byte 0xff is no UTF-8 text"},
        {"a: \xC3", "a.yaml:1: error: byte 0xc3 is no UTF-8 text"},
        {"a: 'b\n", "a.yaml:"},
        {"%YAML 9.9\n---\na: 1\n", "a.yaml:1:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(parse(cases[i].text), -1, "%s", cases[i].text);
        cr_expect(strstr(said(), cases[i].says), "%s: %s", cases[i].text, said());
    }
}

/* --- hostile files: an answer, and soon --- */

/* `n` times `unit`. */
static char *repeat(const char *unit, size_t n)
{
    size_t length = strlen(unit);
    char *text = cm_arena_alloc(&arena, n * length + 1);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * length, unit, length);
    return text;
}

static void expect_refused_soon(const char *text, const char *says)
{
    clock_t began = clock();
    cr_expect_eq(parse(text), -1, "%.40s", text);
    cr_expect(strstr(said(), says), "%.40s: %.300s", text, said());
    cr_expect_lt((double)(clock() - began) / CLOCKS_PER_SEC, 1.0, "%.40s", text);
}

Test(yaml, nesting_without_end_is_too_deep)
{
    expect_refused_soon(repeat("[", 500 * 1000), "too deep");
    expect_refused_soon(repeat("{a: ", 200 * 1000), "too deep");
    expect_refused_soon(repeat("- ", 500 * 1000), "too deep");
    expect_refused_soon(repeat("[\n", 500 * 1000), "too deep");
    expect_refused_soon(repeat("? ", 500 * 1000), "a key has to be a word");
}

Test(yaml, nesting_through_aliases_is_too_deep_as_well)
{
    char text[8192] = "a0: &a0 [1]\n";
    for (int i = 1; i < 100; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "a%d: &a%d [*a%d]\n", i, i,
                 i - 1);
    expect_refused_soon(text, "too deep");
}

Test(yaml, an_alias_counts_for_all_that_it_stands_for)
{
    char text[8192] = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1,
                 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    expect_refused_soon(text, "too much: with all aliases followed");
}

Test(yaml, too_many_values_keys_anchors_or_bytes_are_refused)
{
    expect_refused_soon(repeat("- a\n", 250 * 1000), "too much");
    expect_refused_soon(repeat("- &a b\n", 100 * 1000), "more than 256 anchors");
    expect_refused_soon(repeat("a: b\n", 49 * 1000), "key 'a' was given in line");
    expect_refused_soon(repeat("x", CM_YAML_BYTES + 1), "larger than 1 MiB");
}

Test(yaml, long_scalars_and_endless_lines_are_read_or_refused_soon)
{
    static const char *const units[] = {"x",  "x ", "\"",    "'",        "a: ",   "a:b ", "!",
                                        "&",  "*",  "%",     "|\n",      ">\n ",  "#",    "\t",
                                        "\n", "\r", "\\",    "\xC3\xA4", "- - ",  "{",    "}",
                                        "]",  ",",  "? a\n", "!<",       "---\n", "...\n"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t n = CM_YAML_BYTES / strlen(units[i]);
        clock_t began = clock();
        const char *text = repeat(units[i], n);
        parse(text);
        cr_expect_lt((double)(clock() - began) / CLOCKS_PER_SEC, 1.0, "%s", units[i]);
        char *quoted = repeat(units[i], n);
        quoted[0] = '"';
        parse(quoted);
        cr_expect_lt((double)(clock() - began) / CLOCKS_PER_SEC, 2.0, "\"%s", units[i]);
    }
}
