// SPDX-License-Identifier: MIT
#include "depmod/cache.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/*
 * header | entries, sorted by path | strings. Numbers are the host's; the mark tells another byte order.
 * docs/formats/depmod-cache.md has the layout.
 */
#define CACHE_MAGIC "kmodctl facts\n\x1a"
#define CACHE_VERSION 1
#define CACHE_MARK UINT32_C(0x01020304)
#define CACHE_FILE_MAX (UINT64_C(1) << 32)

struct cache_header {
	char magic[16];
	uint32_t mark, version;
	uint64_t checksum; /* of everything behind this field */
	char tool[16];     /* version of the program */
	uint64_t size;     /* of the file */
	uint32_t n, unused;
};

struct cache_entry {
	struct cache_key key;
	uint32_t path;                 /* offset of the path in the file */
	uint32_t path_len;             /* without the NUL that follows; then come the lists, without gaps */
	uint32_t list_len[RECORD_LISTS];
	uint32_t unused;
};

_Static_assert(sizeof(struct cache_header) == 64 && sizeof(struct cache_entry) == 80, "the file format has no padding");

/* Eight bytes at a time: guards against damage, not against forgery, which ownership of the file does. */
static uint64_t checksum(struct span s)
{
	uint64_t h = UINT64_C(0x9e3779b97f4a7c15) ^ s.n;
	uint64_t last = 0;
	size_t i;

	for (i = 0; i + 8 <= s.n; i += 8) {
		h = (h ^ load_u64(s.p + i, false)) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	if (s.n > i)
		memcpy(&last, s.p + i, s.n - i);
	h = (h ^ last) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 29;
}

static struct span summed_part(const void *bytes, size_t n)
{
	size_t from = offsetof(struct cache_header, checksum) + sizeof(uint64_t);

	return span_of((const char *)bytes + from, n - from);
}

void cache_seal(char *bytes, size_t n)
{
	uint64_t sum;

	if (n < sizeof(struct cache_header))
		return;
	sum = checksum(summed_part(bytes, n));
	memcpy(bytes + offsetof(struct cache_header, checksum), &sum, sizeof(sum));
}

struct cache_key cache_key_of(const struct stat *st)
{
	return (struct cache_key){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime = st->st_mtim.tv_sec,
		.ctime = st->st_ctim.tv_sec,
		.mtime_ns = (uint32_t)st->st_mtim.tv_nsec,
		.ctime_ns = (uint32_t)st->st_ctim.tv_nsec,
	};
}

/* ---- reading ---- */

static void header_init(struct cache_header *h, uint64_t size, uint32_t n)
{
	*h = (struct cache_header){
		.magic = CACHE_MAGIC, .mark = CACHE_MARK, .version = CACHE_VERSION, .size = size, .n = n,
	};
	strncpy(h->tool, KMODCTL_VERSION, sizeof(h->tool) - 1);
}

int cache_open_span(struct span bytes, struct cache *ret)
{
	struct cache_header h, wanted;

	if (bytes.n < sizeof(h) || bytes.n > CACHE_FILE_MAX)
		return -EBADMSG;
	memcpy(&h, bytes.p, sizeof(h));
	header_init(&wanted, bytes.n, h.n);
	wanted.checksum = checksum(summed_part(bytes.p, bytes.n));
	if (memcmp(&h, &wanted, sizeof(h)) != 0 || h.n > (bytes.n - sizeof(h)) / sizeof(struct cache_entry))
		return -EBADMSG;
	*ret = (struct cache){ .bytes = bytes, .n = h.n };
	return 0;
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

/* A list must be whole strings; those of imports have their binding in front. */
static bool list_is_sound(enum record_list_id id, struct record_list l)
{
	const char *s;

	if (l.n && l.p[l.n - 1] != '\0')
		return false;
	if (id != RECORD_IMPORTS)
		return true;
	while ((s = record_next(&l)))
		if (*s != 'U' && *s != 'W')
			return false;
	return true;
}

static bool entry_record(const struct cache *c, const struct cache_entry *e, struct record *ret)
{
	uint64_t at = (uint64_t)e->path + e->path_len + 1;
	struct record rec = { 0 };

	for (int i = 0; i < RECORD_LISTS; i++) {
		struct span s;

		if (span_sub(c->bytes, at, e->list_len[i], &s) < 0)
			return false;
		rec.lists[i] = (struct record_list){ (const char *)s.p, s.n };
		if (!list_is_sound((enum record_list_id)i, rec.lists[i]))
			return false;
		at += e->list_len[i];
	}
	*ret = rec;
	return true;
}

bool cache_find(const struct cache *c, const char *path, const struct cache_key *key, struct record *ret)
{
	uint32_t low = 0, high = c->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct cache_entry e = entry_at(c, middle);
		const char *there = path_of(c, &e);
		int order = there ? strcmp(path, there) : -1;

		if (order == 0)
			return memcmp(&e.key, key, sizeof(*key)) == 0 && entry_record(c, &e, ret);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* ---- writing ---- */

struct cache_item {
	const struct module *module;
	const struct cache_key *key;
};

static int compare_items(const void *a, const void *b)
{
	const struct cache_item *x = a, *y = b;

	return strcmp(x->module->path, y->module->path);
}

static struct cache_entry add_strings(const struct cache_item *item, size_t start, struct buf *into)
{
	const char *path = item->module->path;
	struct cache_entry e = {
		.key = *item->key,
		.path = (uint32_t)(into->n - start),
		.path_len = (uint32_t)strlen(path),
	};

	buf_add(into, path, strlen(path) + 1);
	for (int i = 0; i < RECORD_LISTS; i++) {
		struct record_list l = item->module->facts.lists[i];

		e.list_len[i] = (uint32_t)l.n;
		buf_add(into, l.p, l.n);
	}
	return e;
}

static int write_items(const struct cache_item *items, uint32_t n, struct buf *into)
{
	size_t start = into->n, table = sizeof(struct cache_header) + (size_t)n * sizeof(struct cache_entry);
	struct cache_header h;
	int r = buf_reserve(into, table);

	if (r < 0)
		return r;
	memset(into->p + start, 0, table);
	into->n += table;
	for (uint32_t i = 0; i < n; i++) {
		struct cache_entry e = add_strings(&items[i], start, into);

		if (buf_error(into) < 0)
			return buf_error(into);
		if (into->n - start > UINT32_MAX)
			return -EFBIG;
		memcpy(into->p + start + sizeof(h) + i * sizeof(e), &e, sizeof(e));
	}
	header_init(&h, into->n - start, n);
	memcpy(into->p + start, &h, sizeof(h));
	cache_seal(into->p + start, into->n - start);
	return 0;
}

int cache_write(const struct module *modules, size_t n, const struct cache_key *keys, struct buf *into)
{
	_cleanup_free_ struct cache_item *items = calloc(n ? n : 1, sizeof(*items));
	uint32_t k = 0;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (keys[i].ino)
			items[k++] = (struct cache_item){ &modules[i], &keys[i] };
	qsort(items, k, sizeof(*items), compare_items);
	return write_items(items, k, into);
}
