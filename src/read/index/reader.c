// SPDX-License-Identifier: MIT
#include "read/index/reader.h"

#include <errno.h>

#include "base/vec.h"
#include "read/index/node.h"

int index_reader_open_span(struct span bytes, const char *label, struct diag *diag, struct index_reader *ret)
{
	uint32_t magic = 0, version = 0, root = 0;

	if (bytes.n < INDEX_HEADER_LEN) {
		if (bytes.n > 0)
			diag_report(diag, LOG_ERR, "index.short", label, 0, "%s: %zu bytes are too short for an index",
				    label, bytes.n);
		return -EINVAL;
	}
	if (span_be32(bytes, 0, &magic) < 0 || span_be32(bytes, 4, &version) < 0 || span_be32(bytes, 8, &root) < 0)
		return -EINVAL;
	if (magic != INDEX_MAGIC) {
		diag_report(diag, LOG_ERR, "index.magic", label, 0, "%s: magic check fail: %x instead of %x", label,
			    magic, INDEX_MAGIC);
		return -EINVAL;
	}
	if (version >> 16 != INDEX_VERSION_MAJOR) {
		diag_report(diag, LOG_ERR, "index.version", label, 0, "%s: major version check fail: %u instead of %u",
			    label, version >> 16, INDEX_VERSION_MAJOR);
		return -EINVAL;
	}
	*ret = (struct index_reader){ .bytes = bytes, .root = root };
	return 0;
}

int index_reader_open(const struct root *root, const char *path, struct diag *diag, struct index_reader *ret)
{
	struct mapping map;
	struct index_reader reader;
	int r = mapping_open(root, path, &map);

	if (r == -EISDIR || r == -EINVAL)
		diag_report(diag, LOG_ERR, "index.not-a-file", path, 0, "%s: is not a regular file", path);
	if (r < 0)
		return r;
	r = index_reader_open_span(map.bytes, path, diag, &reader);
	if (r < 0) {
		mapping_close(&map);
		return r;
	}
	reader.map = map;
	*ret = reader;
	return 0;
}

void index_reader_close(struct index_reader *r)
{
	mapping_close(&r->map);
	*r = (struct index_reader){ 0 };
}

const char *index_reader_get(const struct index_reader *r, const char *key)
{
	uint32_t ref = r->root, priority;
	struct index_node node;
	const char *value;

	while (index_node_read(r->bytes, ref, &node) > 0) {
		if (node.prefix.n > 0 && strncmp(key, (const char *)node.prefix.p, node.prefix.n) != 0)
			return NULL;
		key += node.prefix.n;
		if (*key == '\0')
			return index_node_value(&node, &value, &priority) > 0 ? value : NULL;
		ref = index_node_child(&node, (uint8_t)*key++);
	}
	return NULL;
}
