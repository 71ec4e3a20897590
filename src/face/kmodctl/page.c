// SPDX-License-Identifier: MIT
#include "face/kmodctl/page.h"

#include <stdio.h>
#include <string.h>

#include "base/shellword.h"
#include "face/kmodctl/machine_rows.h"
#include "face/kmodctl/markup.h"
#include "face/kmodctl/page_parts.h"

/* ---- the status ---- */

static void add_line(const struct page *p, const struct summary_line *line)
{
	const char *mark = summary_mark_name(line->mark);
	_cleanup_buf_ struct buf command = BUF_INIT;

	buf_adds(p->into, "<li>");
	page_badge(p, mark, mark);
	page_text(p, "<b>", line->topic, "</b>");
	page_text(p, "<span>", line->text, "");
	if (line->command && shellword_join(&command, line->command) == 0)
		page_text(p, " <code>", buf_str(&command), "</code>");
	buf_adds(p->into, "</span></li>\n");
}

static void add_machine(const struct page *p)
{
	static const char *const headings[] = { "Fact", "Value", "Read from", NULL };
	struct machine_row rows[MACHINE_ROWS];

	machine_rows(&p->snapshot->machine, rows);
	buf_adds(p->into, "<h3>What decides on modules</h3>\n");
	page_table(p, "What decides on modules", headings);
	for (size_t i = 0; i < MACHINE_ROWS; i++) {
		_cleanup_buf_ struct buf source = BUF_INIT;
		int error = rows[i].error < 0 ? -rows[i].error : rows[i].error;

		buf_adds(&source, rows[i].source ? rows[i].source : "");
		if (error)
			buf_addf(&source, ": could not read: %s", strerror(error));
		page_head(p, rows[i].title);
		page_cell(p, rows[i].value);
		page_cell(p, buf_str(&source));
		page_row_end(p);
	}
	page_table_end(p);
}

static void page_status(const struct page *p)
{
	buf_adds(p->into, "<ul class=\"lines\">\n");
	for (size_t i = 0; i < p->snapshot->summary.n; i++)
		add_line(p, &p->snapshot->summary.items[i]);
	buf_adds(p->into, "</ul>\n");
	add_machine(p);
}

/* ---- the frame ---- */

static const struct {
	const char *id, *title;
	void (*write)(const struct page *p);
} sections[] = {
	{ "status", "Status", page_status },
	{ "modules", "Loaded modules", page_modules },
	{ "dependencies", "Dependencies", page_dependencies },
	{ "trust", "Trust", page_trust },
	{ "parameters", "Parameters that differ", page_parameters },
	{ "boot", "Boot", page_boot },
};

static const char style[] =
	":root{color-scheme:light "
	"dark;--fg:#1c2330;--bg:#fff;--dim:#566072;--line:#d5dbe5;--soft:#f3f5f9;--link:#1f56a8;"
	"--bar:#8fb4e3;--good:#1b6e38;--note:#1f56a8;--wrong:#b3261e;--unknown:#7a5200}\n"
	"@media(prefers-color-scheme:dark){:root{--fg:#e6eaf2;--bg:#14181f;--dim:#a3adbf;--line:#323b4b;--soft:#1c222c;"
	"--link:#8ab4f8;--bar:#3b5f91;--good:#7bd497;--note:#8ab4f8;--wrong:#ff9a8d;--unknown:#f0c36a}}\n"
	"*{box-sizing:border-box}body{margin:0 auto;padding:1rem;max-width:80rem;background:var(--bg);color:var(--fg);"
	"font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.3rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;"
	"border-bottom:2px solid var(--line)}h3{font-size:1.05rem;margin:1.5rem 0 .5rem}\n"
	"a{color:var(--link)}.note,footer{color:var(--dim);font-size:.875rem}"
	"code{font:.9em ui-monospace,monospace;background:var(--soft);padding:.1em .35em;border-radius:4px}\n"
	"nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:1rem 0}"
	"nav a{display:inline-block;padding:.25rem 0}\n"
	".lines{list-style:none;padding:0;margin:0}.lines li{display:grid;grid-template-columns:6rem 9rem 1fr;"
	"gap:.1rem .75rem;padding:.45rem 0;border-bottom:1px solid var(--line);align-items:baseline}\n"
	".badge{display:inline-block;padding:0 .5em;border:1px solid;border-radius:1em;font-size:.8rem;"
	"text-align:center;white-space:nowrap;overflow:hidden;vertical-align:bottom;text-overflow:ellipsis;max-width:"
	"100%}"
	".good{color:var(--good)}.wrong{color:var(--wrong);font-weight:600}.unknown{color:var(--unknown)}"
	".badge.note{color:var(--note)}\n"
	".wide{overflow-x:auto;border:1px solid var(--line);border-radius:6px;margin:.5rem 0}"
	"table{border-collapse:collapse;width:100%;font-size:.9rem}"
	"th,td{padding:.35rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);"
	"overflow-wrap:break-word}"
	"thead th{background:var(--soft);white-space:nowrap}tbody tr:last-child>*{border-bottom:0}"
	"tbody th{font-weight:600}.long{min-width:14rem;max-width:24rem;overflow-wrap:anywhere}"
	".number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
	".share{min-width:6rem}.share span{display:block;height:.6rem;margin-top:.4rem;background:var(--bar);"
	"min-width:1px;border-radius:2px}\n"
	".picture{max-height:85vh;overflow:auto;padding:.5rem}.picture svg{display:block}"
	".graph svg text{fill:var(--fg);font-family:inherit}.graph svg .node polygon,.graph svg .edge "
	"path{stroke:var(--fg)}"
	".graph svg .edge polygon{stroke:var(--fg);fill:var(--fg)}.graph svg .graph>polygon{fill:none;stroke:none}"
	".chart svg{min-width:860px;width:100%}\n"
	".tree{padding:.25rem .5rem}.tree ul{padding-left:1.25rem;margin:0}summary{cursor:pointer;padding:.25rem 0}\n"
	"@media(max-width:40rem){.lines li{grid-template-columns:6rem 1fr}.lines "
	"li>span:last-child{grid-column:1/-1}}\n"
	"@media print{body{max-width:none;padding:0;font-size:10pt}nav{display:none}.wide{overflow:visible;border:0}"
	".picture{max-height:none}.picture svg{max-width:100%;height:auto;min-width:0}tr,li{break-inside:avoid}"
	"h2,h3{break-after:avoid}table{font-size:8pt}.long{min-width:0}}\n";

static void add_intro(const struct page *p)
{
	const struct utsname *uts = &p->snapshot->status.running.uts;
	const char *verdict = summary_mark_name(summary_verdict(&p->snapshot->summary));
	char machine[32] = "", people[32] = "";
	struct tm tm;

	if (gmtime_r(&p->now, &tm)) {
		strftime(machine, sizeof(machine), "%Y-%m-%dT%H:%M:%SZ", &tm);
		strftime(people, sizeof(people), "%Y-%m-%d %H:%M UTC", &tm);
	}
	markup_between(p->into, "<h1>Kernel modules of ", uts->nodename, "</h1>\n");
	markup_between(p->into, "<p>Kernel ", uts->release, ", ");
	markup_between(p->into, "", uts->machine, "; as a whole ");
	page_badge(p, verdict, verdict);
	buf_addf(p->into, "; made on <time datetime=\"%s\">%s</time> by <code>kmodctl report</code>.</p>\n", machine,
		 people);
}

static void add_contents(const struct page *p)
{
	buf_adds(p->into, "<nav aria-label=\"Contents\"><ul>\n");
	for (size_t i = 0; i < ELEMENTSOF(sections); i++)
		buf_addf(p->into, "<li><a href=\"#%s\">%s</a></li>\n", sections[i].id, sections[i].title);
	buf_adds(p->into, "</ul></nav>\n");
}

void page_write(const struct page *p)
{
	const char *release = p->snapshot->status.running.uts.release;

	buf_adds(p->into, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
			  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src "
			  "'unsafe-inline'\">\n"
			  "<meta name=\"referrer\" content=\"no-referrer\">\n");
	markup_between(p->into, "<title>Kernel modules, ", release, "</title>\n");
	buf_addf(p->into, "<style>\n%s</style>\n</head>\n<body>\n<header>\n", style);
	add_intro(p);
	add_contents(p);
	buf_adds(p->into, "</header>\n<main>\n");
	for (size_t i = 0; i < ELEMENTSOF(sections); i++) {
		buf_addf(p->into, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n",
			 sections[i].id, sections[i].id, sections[i].id, sections[i].title);
		sections[i].write(p);
		buf_adds(p->into, "</section>\n");
	}
	buf_adds(p->into,
		 "</main>\n<footer><p>What could not be found out is called unknown, with the reason. This page "
		 "refers to nothing outside of itself.</p></footer>\n</body>\n</html>\n");
}
