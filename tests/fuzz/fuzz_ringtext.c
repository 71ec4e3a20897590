// SPDX-License-Identifier: MIT
/* The text of /proc/keys, and descriptions of keys. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "read/kernel/rings.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t id[] = { 0x50, 0x12, 0xa4, 0x63 };
	struct span text = span_of(data, size);
	char *copy = fuzz_text(data, size);
	struct ring_key_name name;
	struct proc_key key;
	char line[256];

	assert(copy);
	assert(proc_keys_find_ring(text, ".machine") >= 0);
	assert(proc_keys_text_count_name(text, "Some key") >= 0);
	name = ring_key_name(copy);
	assert(name.name.n + name.id.n <= strlen(copy));
	if (ring_key_has_id(copy, span_of(id, sizeof(id))))
		assert(name.id.n == 2 * sizeof(id));
	ring_key_line(&(struct ring_key){ .type = copy, .description = copy }, line, sizeof(line));
	if (proc_key_parse(copy, &key) == 0)
		assert(key.serial > 0);
	free(copy);
	return 0;
}
