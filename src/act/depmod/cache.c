// SPDX-License-Identifier: MIT
#include "act/depmod/cache.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/replace.h"
#include "act/depmod/digest.h"

/*
 * header | entries, sorted by path | paths | facts. Numbers are the host's; the mark shows a foreign byte order.
 * docs/formats/depmod-cache.md has the layout.
 */
#define CACHE_MAGIC "kmodctl facts\n\x1a"
#define CACHE_VERSION 2
#define CACHE_MARK UINT32_C(0x01020304)
#define CACHE_FILE_MAX (UINT64_C(1) << 32)

struct cache_header {
	char magic[16];
	uint32_t mark, version;
	uint64_t front_digest; /* of the front: what lies between this field and the facts */
	uint64_t facts_digest;
	char tool[16];  /* version of the program */
	uint64_t size;  /* of the file */
	uint64_t facts; /* where they begin */
	uint32_t n;
	uint32_t has_stamp;
	struct stamp stamp; /* zero without one */
};

struct cache_entry {
	struct filekey key;
	uint32_t path;     /* offset of the path in the file */
	uint32_t path_len; /* without the NUL that follows */
	uint32_t facts;    /* offset of the lists, which follow each other without gaps */
	uint32_t list_len[RECORD_LISTS];
};

_Static_assert(sizeof(struct cache_header) == 192 && sizeof(struct cache_entry) == 80,
	       "the file format has no padding");

/* The two parts that have a digest each. false: there are no such parts. */
static bool split(struct span bytes, struct span *ret_front, struct span *ret_facts)
{
	size_t from = offsetof(struct cache_header, front_digest) + sizeof(uint64_t);
	uint64_t facts;

	if (bytes.n < sizeof(struct cache_header))
		return false;
	memcpy(&facts, bytes.p + offsetof(struct cache_header, facts), sizeof(facts));
	if (facts < sizeof(struct cache_header) || span_from(bytes, facts, ret_facts) < 0)
		return false;
	return span_sub(bytes, from, facts - from, ret_front) == 0;
}

void cache_seal(char *bytes, size_t n)
{
	struct span front, facts;
	uint64_t digest;

	if (!split(span_of(bytes, n), &front, &facts))
		return;
	digest = digest_of(facts);
	memcpy(bytes + offsetof(struct cache_header, facts_digest), &digest, sizeof(digest));
	digest = digest_of(front);
	memcpy(bytes + offsetof(struct cache_header, front_digest), &digest, sizeof(digest));
}

/* ---- reading ---- */

/* The fields that every header of this program has. */
static void header_init(struct cache_header *h, uint64_t size, uint64_t facts, uint32_t n)
{
	*h = (struct cache_header){
		.magic = CACHE_MAGIC,
		.mark = CACHE_MARK,
		.version = CACHE_VERSION,
		.size = size,
		.facts = facts,
		.n = n,
	};
	strncpy(h->tool, KMODCTL_VERSION, sizeof(h->tool) - 1);
}

static bool header_is_ours(const struct cache_header *h, uint64_t size)
{
	struct cache_header ours;

	header_init(&ours, size, h->facts, h->n);
	return memcmp(h->magic, ours.magic, sizeof(h->magic)) == 0 && h->mark == ours.mark &&
	       h->version == ours.version && memcmp(h->tool, ours.tool, sizeof(h->tool)) == 0 && h->size == size;
}

int cache_open_span(struct span bytes, struct cache *ret)
{
	struct span front, facts;
	struct cache_header h;
	uint64_t size = bytes.n; /* a size_t may not be able to be larger */

	if (size > CACHE_FILE_MAX || !split(bytes, &front, &facts))
		return -EBADMSG;
	memcpy(&h, bytes.p, sizeof(h));
	if (!header_is_ours(&h, size) || h.front_digest != digest_of(front) ||
	    h.n > (h.facts - sizeof(h)) / sizeof(struct cache_entry))
		return -EBADMSG;
	*ret = (struct cache){ .bytes = bytes, .n = h.n, .has_stamp = h.has_stamp == 1, .stamp = h.stamp };
	return 0;
}

int cache_check_facts(const struct cache *c)
{
	struct span front, facts;
	uint64_t wanted;

	if (!split(c->bytes, &front, &facts))
		return -EBADMSG;
	memcpy(&wanted, c->bytes.p + offsetof(struct cache_header, facts_digest), sizeof(wanted));
	return wanted == digest_of(facts) ? 0 : -EBADMSG;
}

int cache_open(const struct root *root, const char *path, struct cache *ret)
{
	struct mapping map;
	struct cache c;
	int r = mapping_open(root, path, &map);

	if (r < 0)
		return r;
	r = map.st.st_uid != geteuid() || (map.st.st_mode & 022) ? -EPERM : cache_open_span(map.bytes, &c);
	if (r < 0) {
		mapping_close(&map);
		return r;
	}
	c.map = map;
	*ret = c;
	return 0;
}

void cache_close(struct cache *c)
{
	mapping_close(&c->map);
	*c = (struct cache){ 0 };
}

static struct cache_entry entry_at(const struct cache *c, uint32_t i)
{
	struct cache_entry e;

	memcpy(&e, c->bytes.p + sizeof(struct cache_header) + (size_t)i * sizeof(e), sizeof(e));
	return e;
}

static const char *path_of(const struct cache *c, const struct cache_entry *e)
{
	struct span s;

	if (span_sub(c->bytes, e->path, (uint64_t)e->path_len + 1, &s) < 0 || s.p[e->path_len] != '\0')
		return NULL;
	return (const char *)s.p;
}

bool cache_facts(const struct cache *c, uint32_t place, struct arena *arena, struct record *ret)
{
	struct cache_entry e = entry_at(c, place);
	struct record rec = { 0 };
	uint64_t at = e.facts;

	for (int i = 0; i < RECORD_LISTS; i++) {
		struct span s;

		/* Whole strings, or none. */
		if (span_sub(c->bytes, at, e.list_len[i], &s) < 0 || (s.n && s.p[s.n - 1] != '\0'))
			return false;
		rec.lists[i] = (struct record_list){ (const char *)s.p, s.n };
		at += e.list_len[i];
	}
	if (record_index(&rec, arena) < 0)
		return false;
	*ret = rec;
	return true;
}

/* The order of a path and that of an entry, like strcmp(). */
static int compare_path(const struct cache *c, const char *path, const struct cache_entry *e)
{
	const char *there = path_of(c, e);

	return there ? strcmp(path, there) : -1;
}

bool cache_find(const struct cache *c, const char *path, const struct filekey *key, uint32_t hint, uint32_t *ret)
{
	uint32_t low = 0, high = c->n, at = hint;

	while (low < high) {
		struct cache_entry e;
		int order;

		if (at < low || at >= high)
			at = low + (high - low) / 2;
		e = entry_at(c, at);
		order = compare_path(c, path, &e);
		if (order == 0) {
			*ret = at;
			return memcmp(&e.key, key, sizeof(*key)) == 0;
		}
		if (order < 0)
			high = at;
		else
			low = at + 1;
		at = UINT32_MAX;
	}
	return false;
}

/* ---- writing ---- */

static int compare_items(const void *a, const void *b)
{
	const struct module *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

/* Room for the header and the entries, which are filled in as their offsets become known. */
static int add_tables(uint32_t n, struct buf *into)
{
	size_t size = sizeof(struct cache_header) + (size_t)n * sizeof(struct cache_entry);
	int r = buf_reserve(into, size);

	if (r < 0)
		return r;
	memset(into->p + into->n, 0, size);
	into->n += size;
	return 0;
}

static char *entry_in(const struct buf *b, size_t start, uint32_t i)
{
	return b->p + start + sizeof(struct cache_header) + (size_t)i * sizeof(struct cache_entry);
}

static int add_paths(const struct module *const *items, uint32_t n, size_t start, struct buf *into)
{
	for (uint32_t i = 0; i < n; i++) {
		struct cache_entry e = {
			.key = items[i]->key,
			.path = (uint32_t)(into->n - start),
			.path_len = (uint32_t)strlen(items[i]->path),
		};

		buf_add(into, items[i]->path, (size_t)e.path_len + 1);
		if (buf_error(into) < 0)
			return buf_error(into);
		memcpy(entry_in(into, start, i), &e, sizeof(e));
	}
	return into->n - start > UINT32_MAX ? -EFBIG : 0;
}

static int add_facts(const struct module *const *items, uint32_t n, size_t start, struct buf *into)
{
	for (uint32_t i = 0; i < n; i++) {
		struct cache_entry e;

		memcpy(&e, entry_in(into, start, i), sizeof(e));
		e.facts = (uint32_t)(into->n - start);
		for (int k = 0; k < RECORD_LISTS; k++) {
			struct record_list l = items[i]->facts.lists[k];

			e.list_len[k] = (uint32_t)l.n;
			buf_add(into, l.p, l.n);
		}
		if (buf_error(into) < 0)
			return buf_error(into);
		if (into->n - start > UINT32_MAX)
			return -EFBIG;
		memcpy(entry_in(into, start, i), &e, sizeof(e));
	}
	return 0;
}

static int write_items(const struct module *const *items, uint32_t n, const struct stamp *stamp, struct buf *into)
{
	struct cache_header h;
	size_t start = into->n, facts;
	int r = add_tables(n, into);

	if (r == 0)
		r = add_paths(items, n, start, into);
	facts = into->n - start;
	if (r == 0)
		r = add_facts(items, n, start, into);
	if (r < 0)
		return r;
	header_init(&h, into->n - start, facts, n);
	if (stamp) {
		h.has_stamp = 1;
		h.stamp = *stamp;
	}
	memcpy(into->p + start, &h, sizeof(h));
	cache_seal(into->p + start, into->n - start);
	return 0;
}

int cache_write(const struct module *modules, size_t n, const struct stamp *stamp, struct buf *into)
{
	_cleanup_free_ const struct module **items = calloc(n ? n : 1, sizeof(*items));
	uint32_t k = 0;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (modules[i].storable)
			items[k++] = &modules[i];
	qsort(items, k, sizeof(*items), compare_items);
	return write_items(items, k, stamp, into);
}

int cache_replace(const struct root *root, const char *path, const struct module *modules, size_t n,
		  const struct stamp *stamp)
{
	_cleanup_buf_ struct buf bytes = BUF_INIT;
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int len = snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) : 0, path), r;

	if (len < 0 || len >= PATH_MAX)
		return -ENAMETOOLONG;
	r = root_exists(root, dir) ? 0 : root_mkdirs(root, dir);
	if (r == 0)
		r = cache_write(modules, n, stamp, &bytes);
	return r < 0 ? r : file_generate(root, path, PLACE_NAMED, buf_span(&bytes), 0644);
}
