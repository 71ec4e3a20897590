// SPDX-License-Identifier: MIT
/*
 * What a variable or a file of ours may hold: the input is the content of a variable (attributes and data) in a fake
 * efivarfs, of the journal, of a password record and of a crypt(5) text.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "scratch.h"

#include "base/replace.h"
#include "verb/mok/journal.h"
#include "read/efi/siglist.h"
#include "text.h"

#define VARIABLE EFI_VARS_DIR "/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_variable(const uint8_t *data, size_t size)
{
	const struct root scratch = scratch_root(), *root = &scratch;
	_cleanup_buf_ struct buf lists = BUF_INIT;
	_cleanup_efi_var_ struct efi_var v = { 0 };
	const struct efi_guid shim = EFI_GUID_SHIM;
	enum efi_list_source source;
	uint8_t one;

	assert(root_mkdirs(root, EFI_VARS_DIR) == 0);
	assert(file_replace(root, VARIABLE, span_of(data, size), 0600) == 0);
	if (efi_var_read(root, "MokListRT", &shim, &v) == 0)
		assert(v.data.n == size - 4);
	else
		assert(size < 4);
	efi_var_read_u8(root, "MokListRT", &shim, &one);
	if (efi_read_mok_list(root, "MokListRT", &lists, &source) == 0)
		siglist_count(buf_span(&lists));
}

static void read_texts(const uint8_t *data, size_t size)
{
	_cleanup_journal_ struct journal j = { 0 };
	uint8_t record[MOKPW_RECORD];
	char *text = fuzz_text(data, size);

	assert(text && journal_parse(span_of(data, size), &j) == 0);
	mokpw_record(text, record);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	read_variable(data, size);
	read_texts(data, size);
	return 0;
}
