// SPDX-License-Identifier: MIT
/* Signature lists: whatever is read is written back the same, and removing an entry leaves all others. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "read/efi/siglist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct efi_guid owner = EFI_GUID_SHIM;
	static const uint8_t hash[32] = { 1 };
	struct span lists = span_of(data, size);
	_cleanup_buf_ struct buf rest = BUF_INIT, more = BUF_INIT;
	struct siglist_iter it;
	struct siglist_entry first;
	int64_t n = siglist_count(lists);

	assert(n >= 0 || n == -EBADMSG);
	siglist_iter_init(&it, lists);
	if (siglist_next(&it, &first) == 1 && n > 0) {
		int removed = siglist_remove(lists, first.type, first.data, &rest);

		assert(removed >= 1);
		assert(siglist_count(buf_span(&rest)) == n - removed);
		assert(siglist_contains(lists, first.type, first.data) == 1);
		assert(siglist_contains(buf_span(&rest), first.type, first.data) == 0);
	}
	if (siglist_add_hash(lists, SIGLIST_SHA256, &owner, span_of(hash, sizeof(hash)), &more) == 0) {
		assert(siglist_count(buf_span(&more)) == n + 1);
		assert(siglist_contains(buf_span(&more), SIGLIST_SHA256, span_of(hash, sizeof(hash))) == 1);
	}
	return 0;
}
