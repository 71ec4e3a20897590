// SPDX-License-Identifier: MIT
#include "read/hwdata/hwids.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/vec.h"

static const char *const file_names[] = { [HWIDS_PCI] = "pci.ids", [HWIDS_USB] = "usb.ids" };

bool hwid_parse_hex(const char *text, size_t n, uint32_t *ret)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!isxdigit(c))
			return false;
		value = value << 4 | (uint32_t)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
	}
	*ret = value;
	return true;
}

bool hwid_parse(const char *text, uint16_t *ret_vendor, uint16_t *ret_device)
{
	bool brackets = text[0] == '[';
	uint32_t vendor, device;

	text += brackets;
	if (strlen(text) != 9u + brackets || text[4] != ':' || (brackets && text[9] != ']') ||
	    !hwid_parse_hex(text, 4, &vendor) || !hwid_parse_hex(text + 5, 4, &device))
		return false;
	*ret_vendor = (uint16_t)vendor;
	*ret_device = (uint16_t)device;
	return true;
}

/* ---- the file ---- */

/* What the lines that are indented once belong to. */
enum section { SECTION_OTHER, SECTION_VENDOR, SECTION_CLASS };

struct parser {
	struct hwids *ids;
	enum section section;
	uint32_t number; /* of the vendor or class */
};

/* "10d3  NAME": 1, and the rest of the line is the name. */
static int take_entry(struct span line, size_t digits, uint32_t *ret_number, struct span *ret_name)
{
	size_t at = digits;

	if (line.n <= digits + 1 || !hwid_parse_hex((const char *)line.p, digits, ret_number) || line.p[digits] != ' ')
		return 0;
	while (at < line.n && line.p[at] == ' ')
		at++;
	*ret_name = span_of(line.p + at, line.n - at);
	return ret_name->n > 0;
}

static int add(struct hwid_list *l, uint32_t key, struct span name)
{
	if (vec_room(&l->items, l->n, &l->cap) < 0)
		return -ENOMEM;
	l->items[l->n++] = (struct hwid){ key, name };
	return 0;
}

static int parse_indented(struct parser *p, struct span line)
{
	uint32_t number;
	struct span name;

	if (p->section == SECTION_VENDOR && take_entry(line, 4, &number, &name))
		return add(&p->ids->devices, p->number << 16 | number, name);
	if (p->section == SECTION_CLASS && take_entry(line, 2, &number, &name))
		return add(&p->ids->classes, HWIDS_SUBCLASS(p->number, number), name);
	return 0;
}

static int parse_line(struct parser *p, struct span line)
{
	struct span name;

	if (line.n == 0 || line.p[0] == '#')
		return 0;
	if (line.p[0] == '\t')
		return parse_indented(p, span_of(line.p + 1, line.n - 1));
	p->section = SECTION_OTHER;
	if (take_entry(line, 4, &p->number, &name)) {
		p->section = SECTION_VENDOR;
		return add(&p->ids->vendors, p->number, name);
	}
	if (line.n > 2 && line.p[0] == 'C' && line.p[1] == ' ' &&
	    take_entry(span_of(line.p + 2, line.n - 2), 2, &p->number, &name)) {
		p->section = SECTION_CLASS;
		return add(&p->ids->classes, HWIDS_CLASS(p->number), name);
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct hwid *x = a, *y = b;

	if (x->key != y->key)
		return x->key > y->key ? 1 : -1;
	return (x->name.p > y->name.p) - (x->name.p < y->name.p);
}

static void sort(struct hwid_list *l)
{
	if (l->n)
		qsort(l->items, l->n, sizeof(*l->items), compare);
}

static size_t line_length(struct span text)
{
	const uint8_t *newline = text.n ? memchr(text.p, '\n', text.n) : NULL;

	return newline ? (size_t)(newline - text.p) : text.n;
}

int hwids_parse(struct span text, struct hwids *ret)
{
	struct hwids ids = { 0 };
	struct parser p = { .ids = &ids };
	int r = 0;

	while (r == 0 && text.n) {
		size_t n = line_length(text), used = n < text.n ? n + 1 : n;
		struct span line = span_of(text.p, n && text.p[n - 1] == '\r' ? n - 1 : n);

		r = parse_line(&p, line);
		text = span_of(text.p + used, text.n - used);
	}
	if (r < 0) {
		hwids_done(&ids);
		return r;
	}
	sort(&ids.vendors);
	sort(&ids.devices);
	sort(&ids.classes);
	*ret = ids;
	return 0;
}

int hwids_open(const struct root *root, enum hwids_bus bus, struct hwids *ret)
{
	static const char *const dirs[] = { "/usr/share/hwdata", "/usr/share/misc" };
	_cleanup_buf_ struct buf text = BUF_INIT;
	char path[64];
	int r = -ENOENT;

	for (size_t i = 0; i < ELEMENTSOF(dirs) && r == -ENOENT; i++) {
		snprintf(path, sizeof(path), "%s/%s", dirs[i], file_names[bus]);
		r = file_read_regular(root, path, HWIDS_MAX, &text);
	}
	if (r == 0)
		r = hwids_parse(buf_span(&text), ret);
	if (r < 0)
		return r;
	ret->text = text;
	text = BUF_INIT;
	return 0;
}

void hwids_done(struct hwids *h)
{
	free(h->vendors.items);
	free(h->devices.items);
	free(h->classes.items);
	buf_done(&h->text);
	*h = (struct hwids){ 0 };
}

struct span hwid_name(const struct hwid_list *l, uint32_t key)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->items[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->n && l->items[low].key == key ? l->items[low].name : (struct span){ 0 };
}

/* ---- modaliases ---- */

/* How a bus writes vendor and device: "v0000" 8086 "d0000" 10D3. */
static const struct form {
	enum hwids_bus bus;
	const char *prefix; /* up to the vendor's field */
	const char *vendor, *device;
} forms[] = {
	{ HWIDS_PCI, "pci:", "v0000", "d0000" },
	{ HWIDS_USB, "usb:", "v", "p" },
	{ HWIDS_USB, "hid:b0003g", "v0000",
	  "p0000" }, /* HID over USB; the group, which may be a pattern, lies between */
};

static bool take_number(const char **at, const char *field, uint16_t *ret)
{
	size_t n = strlen(field);
	uint32_t value;

	if (strncmp(*at, field, n) != 0 || strnlen(*at + n, 4) < 4 || !hwid_parse_hex(*at + n, 4, &value))
		return false;
	*at += n + 4;
	*ret = (uint16_t)value;
	return true;
}

/* The class of a device, "bc02sc00" behind its subsystem. */
static void find_class(const char *rest, struct hwid_alias *a)
{
	const char *bc = strstr(rest, "bc");
	uint32_t class, sub;

	if (!bc || strnlen(bc, 8) < 8 || strncmp(bc + 4, "sc", 2) != 0 || !hwid_parse_hex(bc + 2, 2, &class) ||
	    !hwid_parse_hex(bc + 6, 2, &sub))
		return;
	a->has_class = true;
	a->class = (uint8_t) class;
	a->subclass = (uint8_t)sub;
}

bool hwid_of_alias(const char *alias, struct hwid_alias *ret)
{
	for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
		const struct form *f = &forms[i];
		struct hwid_alias a = { .bus = f->bus };
		const char *at = alias + strlen(f->prefix);

		if (strncmp(alias, f->prefix, strlen(f->prefix)) != 0)
			continue;
		if (*f->prefix == 'h' && !(at = strchr(at, 'v')))
			return false;
		if (!take_number(&at, f->vendor, &a.vendor))
			return false;
		a.has_device = take_number(&at, f->device, &a.device);
		if (f->bus == HWIDS_PCI)
			find_class(at, &a);
		*ret = a;
		return true;
	}
	return false;
}
