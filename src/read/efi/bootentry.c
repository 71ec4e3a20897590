// SPDX-License-Identifier: MIT
#include "read/efi/bootentry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read/efi/vars.h"

#define OPTION_HEAD 6 /* u32 attributes, u16 length of the device path; the description follows */

enum node_type { NODE_MEDIA = 0x04, NODE_END = 0x7f };
enum media_subtype { MEDIA_HARD_DRIVE = 1, MEDIA_FILE_PATH = 4 };

/* Offsets in a hard drive node. */
enum { DRIVE_SIGNATURE = 24, DRIVE_SIGNATURE_TYPE = 41, SIGNATURE_IS_GUID = 2 };

void boot_entry_done(struct boot_entry *e)
{
	free(e->file);
	*e = (struct boot_entry){ 0 };
}

/* Length in bytes of a text in UCS-2, with its terminator. -ERANGE when it has none. */
static int ucs2_length(struct span s, size_t *ret)
{
	uint16_t c;

	for (size_t i = 0; span_le16(s, i, &c) == 0; i += 2) {
		if (c == 0) {
			*ret = i + 2;
			return 0;
		}
	}
	return -ERANGE;
}

static int read_partition(struct span node, struct boot_entry *e)
{
	struct span guid;
	uint8_t type;

	if (span_u8(node, DRIVE_SIGNATURE_TYPE, &type) < 0 || span_sub(node, DRIVE_SIGNATURE, EFI_GUID_LEN, &guid) < 0)
		return -EBADMSG;
	if (type == SIGNATURE_IS_GUID) {
		memcpy(e->partition.b, guid.p, EFI_GUID_LEN);
		e->has_partition = true;
	}
	return 0;
}

/* One part of the path; its text may lack a terminator. Separators are not doubled. */
static int add_file(struct span text, struct buf *path)
{
	bool behind_slash = path->n > 0 && path->p[path->n - 1] == '/';
	uint16_t c = '\\';

	for (size_t i = 0; c != 0; i += 2) {
		bool slash = c == '\\' || c == '/';

		if (!slash || !behind_slash)
			buf_addc(path, slash ? '/' : c >= ' ' && c < 0x7f ? (char)c : '?');
		behind_slash = slash;
		if (span_le16(text, i, &c) < 0)
			break;
	}
	return buf_error(path);
}

static int read_node(uint8_t subtype, struct span node, struct boot_entry *e, struct buf *path)
{
	struct span text;

	if (subtype == MEDIA_HARD_DRIVE)
		return read_partition(node, e);
	if (subtype == MEDIA_FILE_PATH && span_from(node, 4, &text) == 0)
		return add_file(text, path);
	return 0;
}

static int read_nodes(struct span nodes, struct boot_entry *e, struct buf *path)
{
	while (nodes.n > 0) {
		struct span node;
		uint16_t length;
		int r = 0;

		if (span_le16(nodes, 2, &length) < 0 || length < 4 || span_take(&nodes, length, &node) < 0)
			return -EBADMSG;
		if ((node.p[0] & NODE_END) == NODE_END)
			return 0;
		if (node.p[0] == NODE_MEDIA)
			r = read_node(node.p[1], node, e, path);
		if (r < 0)
			return r;
	}
	return 0;
}

int boot_entry_parse(struct span option, struct boot_entry *ret)
{
	_cleanup_boot_entry_ struct boot_entry e = { 0 };
	_cleanup_buf_ struct buf path = BUF_INIT;
	struct span rest, nodes;
	uint16_t length;
	size_t description;
	int r;

	if (span_le16(option, 4, &length) < 0 || span_from(option, OPTION_HEAD, &rest) < 0 ||
	    ucs2_length(rest, &description) < 0 || span_sub(rest, description, length, &nodes) < 0)
		return -EBADMSG;
	r = read_nodes(nodes, &e, &path);
	if (r < 0)
		return r;
	if (path.n > 0 && !(e.file = buf_steal(&path)))
		return -ENOMEM;
	*ret = e;
	e = (struct boot_entry){ 0 };
	return 0;
}

int boot_entry_current(const struct root *root, struct boot_entry *ret)
{
	const struct efi_guid global = EFI_GUID_GLOBAL;
	_cleanup_efi_var_ struct efi_var current = { 0 };
	_cleanup_efi_var_ struct efi_var option = { 0 };
	char name[sizeof("Boot0000")];
	uint16_t number;
	int r = efi_var_read(root, "BootCurrent", &global, &current);

	if (r < 0)
		return r;
	if (span_le16(buf_span(&current.data), 0, &number) < 0)
		return -EBADMSG;
	snprintf(name, sizeof(name), "Boot%04X", number);
	r = efi_var_read(root, name, &global, &option);
	return r < 0 ? r : boot_entry_parse(buf_span(&option.data), ret);
}
