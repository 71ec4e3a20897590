// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "base/buf.h"
#include "read/efi/bootentry.h"

#define GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define VARS "/sys/firmware/efi/efivars/"

static void add_ucs2(struct buf *b, const char *text)
{
	for (;; text++) {
		buf_addc(b, *text);
		buf_addc(b, '\0');
		if (!*text)
			return;
	}
}

static void add_node(struct buf *nodes, uint8_t type, uint8_t subtype, const struct buf *content)
{
	uint8_t head[4] = { type, subtype, (uint8_t)(4 + content->n), 0 };

	buf_add(nodes, head, sizeof(head));
	buf_add(nodes, content->p, content->n);
}

static void add_drive(struct buf *nodes, const struct efi_guid *partition)
{
	_cleanup_buf_ struct buf content = BUF_INIT;
	static const uint8_t start_and_size[20];

	buf_add(&content, start_and_size, sizeof(start_and_size));
	buf_add(&content, partition->b, EFI_GUID_LEN);
	buf_add(&content, "\2\2", 2);
	add_node(nodes, 4, 1, &content);
}

static void add_path(struct buf *nodes, const char *text)
{
	_cleanup_buf_ struct buf content = BUF_INIT;

	add_ucs2(&content, text);
	add_node(nodes, 4, 4, &content);
}

static void make_option(const struct buf *nodes, struct buf *into)
{
	static const struct buf nothing = { 0 };
	uint8_t head[6] = { 1, 0, 0, 0, (uint8_t)(nodes->n + 4), 0 };

	buf_add(into, head, sizeof(head));
	add_ucs2(into, "debian");
	buf_add(into, nodes->p, nodes->n);
	add_node(into, 0x7f, 0xff, &nothing);
}

static const struct efi_guid partition = EFI_GUID(0x01020304, 0x0506, 0x0708, 9, 10, 11, 12, 13, 14, 15, 16);

static void partition_and_file(void **state)
{
	_cleanup_boot_entry_ struct boot_entry e = { 0 };
	_cleanup_buf_ struct buf nodes = BUF_INIT, option = BUF_INIT;

	(void)state;
	add_drive(&nodes, &partition);
	add_path(&nodes, "\\EFI\\debian\\shimx64.efi");
	make_option(&nodes, &option);
	assert_int_equal(boot_entry_parse(buf_span(&option), &e), 0);
	assert_true(e.has_partition);
	assert_true(efi_guid_eq(&e.partition, &partition));
	assert_string_equal(e.file, "/EFI/debian/shimx64.efi");
}

static void a_path_in_several_nodes(void **state)
{
	_cleanup_boot_entry_ struct boot_entry e = { 0 };
	_cleanup_buf_ struct buf nodes = BUF_INIT, option = BUF_INIT;

	(void)state;
	add_path(&nodes, "EFI\\debian\\");
	add_path(&nodes, "\\shim\001x64.efi");
	make_option(&nodes, &option);
	assert_int_equal(boot_entry_parse(buf_span(&option), &e), 0);
	assert_false(e.has_partition);
	assert_string_equal(e.file, "/EFI/debian/shim?x64.efi");
}

static void without_a_file(void **state)
{
	_cleanup_boot_entry_ struct boot_entry e = { 0 };
	_cleanup_buf_ struct buf nodes = BUF_INIT, option = BUF_INIT;

	(void)state;
	add_drive(&nodes, &partition);
	make_option(&nodes, &option);
	assert_int_equal(boot_entry_parse(buf_span(&option), &e), 0);
	assert_true(e.has_partition);
	assert_null(e.file);
}

static void damaged_ones(void **state)
{
	_cleanup_boot_entry_ struct boot_entry e = { 0 };
	_cleanup_buf_ struct buf nodes = BUF_INIT, option = BUF_INIT;

	(void)state;
	add_drive(&nodes, &partition);
	make_option(&nodes, &option);
	for (size_t n = 0; n < option.n; n++)
		assert_int_equal(boot_entry_parse(span_of(option.p, n), &e), -EBADMSG);
	option.p[6 + 14 + 2] = 3; /* a node shorter than its head */
	assert_int_equal(boot_entry_parse(buf_span(&option), &e), -EBADMSG);
	option.p[6 + 14 + 2] = 20; /* a drive without its signature */
	assert_int_equal(boot_entry_parse(buf_span(&option), &e), -EBADMSG);
}

static void the_current_one(void **state)
{
	_cleanup_boot_entry_ struct boot_entry e = { 0 };
	_cleanup_buf_ struct buf nodes = BUF_INIT, variable = BUF_INIT;
	char *dir = unit_mkdtemp();
	const struct root root = { .prefix = dir };

	(void)state;
	assert_int_equal(root_mkdirs(&root, VARS), 0);
	assert_int_equal(boot_entry_current(&root, &e), -ENOENT);
	unit_write(dir, VARS "BootCurrent-" GLOBAL, "\6\0\0\0\x1a\0", 6);
	assert_int_equal(boot_entry_current(&root, &e), -ENOENT);
	add_path(&nodes, "\\EFI\\BOOT\\BOOTX64.EFI");
	buf_add(&variable, "\7\0\0\0", 4);
	make_option(&nodes, &variable);
	unit_write(dir, VARS "Boot001A-" GLOBAL, variable.p, variable.n);
	assert_int_equal(boot_entry_current(&root, &e), 0);
	assert_string_equal(e.file, "/EFI/BOOT/BOOTX64.EFI");
	unit_write(dir, VARS "BootCurrent-" GLOBAL, "\6\0\0\0\x1a", 5);
	assert_int_equal(boot_entry_current(&root, &e), -EBADMSG);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(partition_and_file), cmocka_unit_test(a_path_in_several_nodes),
		cmocka_unit_test(without_a_file),     cmocka_unit_test(damaged_ones),
		cmocka_unit_test(the_current_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
