/* A report as one page that needs nothing else: no script, no other file, no request.
 *
 * It has to be readable on a phone (tables scroll, pictures shrink), on paper (what is folded is
 * opened, nothing is split) and in the dark (the reader's browser says which; pictures keep their
 * white card, since their colours have fixed meanings). The style is the whole of it: the rest of
 * the page is the report as every other format has it.
 */
#include <stdio.h>

#include "analysis/report_parts.h"
#include "analysis/svg.h"

/* The colours are those of the pictures: stable blue, canary orange, grey for what is aside. */
static const char style[] =
    ":root{color-scheme:light dark;--text:#222;--muted:#666;--line:#ddd;--page:#fff;--box:#f5f6f8;"
    "--accent:#0072b2}\n"
    "@media(prefers-color-scheme:dark){:root{--text:#e4e4e4;--muted:#a0a4a8;--line:#3a3f44;"
    "--page:#16181b;--box:#22262a;--accent:#6bb6e8}}\n"
    "body{margin:0 auto;padding:1rem 1rem 3rem;max-width:76rem;background:var(--page);"
    "color:var(--text);font:16px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;line-height:1.25;margin:1rem 0}\n"
    "h2{font-size:1.15rem;margin:2rem 0 .6rem}\n"
    "pre{background:var(--box);border-radius:.4rem;padding:.7rem 1rem;overflow-x:auto;"
    "font-size:.85rem}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.35rem .9rem .35rem 0;text-align:left;vertical-align:baseline}\n"
    "thead th{color:var(--muted);font-weight:500;vertical-align:bottom}\n"
    ".groups th{color:var(--text);border-bottom:1px solid var(--line)}\n"
    "tbody tr{border-top:1px solid var(--line)}\n"
    "tbody th{font-weight:600;white-space:nowrap}\n"
    "th.n,td.n{text-align:right}\n"
    "td{white-space:nowrap}\n"
    "thead th{white-space:pre-line}\n"
    ".limits,.note,footer{color:var(--muted)}\n"
    ".limits,.note,footer{font-size:.85rem}\n"
    "figure{max-width:56rem;margin:1.5rem 0;padding:.5rem;background:#fff;border:1px solid "
    "var(--line);"
    "border-radius:.4rem}\n"
    "figure svg{display:block;width:100%;height:auto}\n"
    "summary{cursor:pointer;color:var(--accent);margin:.6rem 0 .3rem}\n"
    "footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.8rem}\n"
    "@media print{body{max-width:none;font-size:11px}figure,tr{break-inside:avoid}"
    ".wide,pre{overflow:visible}pre{white-space:pre-wrap}"
    "details::details-content{content-visibility:visible;block-size:auto}}\n";

void cm_html_begin(const char *title, struct cm_writer to)
{
    cm_print(to, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<title>");
    cm_write_html_text(title, to);
    cm_print(to, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

void cm_html_pictures(const struct cm_report_options *options, struct cm_writer to)
{
    for (size_t i = 0; i < options->n_pictures; i++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "p%zu-", i + 1);
        cm_print(to, "<figure>\n");
        cm_svg_inline(options->pictures[i].svg, prefix, options->pictures[i].title, to);
        cm_print(to, "</figure>\n");
    }
}

void cm_html_folded(const char *summary, const char *text, struct cm_writer to)
{
    cm_print(to, "<details><summary>");
    cm_write_html_text(summary, to);
    cm_print(to, "</summary>\n<pre><code>");
    cm_write_html_lines(text, to);
    cm_print(to, "</code></pre>\n</details>\n");
}

void cm_html_end(const char *version, struct cm_writer to)
{
    cm_print(to, "<footer>Made by coalmine ");
    cm_write_html_text(version, to);
    cm_print(to, ", a simulator of canary release policies.</footer>\n</body>\n</html>\n");
}

void cm_report_html(const struct cm_page *page, const struct cm_report_options *options)
{
    const char *title = page->findings->results->scenario->title;
    cm_html_begin(title, page->to);
    page->prose->title(page->to, title);
    cm_report_body(page, options);
    if (options->scenario)
        cm_html_folded("The whole scenario", options->scenario, page->to);
    cm_html_end(options->version, page->to);
}
