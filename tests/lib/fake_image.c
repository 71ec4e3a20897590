// SPDX-License-Identifier: MIT
#include "lib/fake_image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "read/image/codec.h"

/* The string behind the NUL-preceded key; NULL: none. */
static const char *find_value(struct span bytes, const char *key)
{
	size_t n = strlen(key);
	struct span rest = bytes;

	while (rest.n > n) {
		const uint8_t *at = memmem(rest.p, rest.n, key, n);
		const char *value;
		uint64_t off;

		if (!at)
			return NULL;
		off = (uint64_t)(at - bytes.p);
		if ((off == 0 || bytes.p[off - 1] == '\0') && span_cstr(bytes, off + n, &value) == 0)
			return value;
		if (span_from(bytes, off + 1, &rest) < 0)
			return NULL;
	}
	return NULL;
}

static int split(const char *list, struct strv *into)
{
	while (*list) {
		size_t n = strcspn(list, ",");

		if (n && strv_addn(into, list, n) < 0)
			return -ENOMEM;
		list += n + (list[n] == ',');
	}
	return 0;
}

int fake_image_read(struct span bytes, struct fake_image *ret)
{
	const char *name = find_value(bytes, "name="), *depends = find_value(bytes, "depends=");
	struct fake_image image = { 0 };

	if (!name || !*name)
		return -ENOEXEC;
	image.name = strdup(name);
	if (!image.name || split(depends ? depends : "", &image.depends) < 0) {
		fake_image_done(&image);
		return -ENOMEM;
	}
	*ret = image;
	return 0;
}

void fake_image_done(struct fake_image *i)
{
	free(i->name);
	strv_done(&i->depends);
	*i = (struct fake_image){ 0 };
}

const char *fake_image_compression(struct span bytes)
{
	const struct codec *codec = codec_detect(bytes);

	return codec ? codec->kernel : NULL;
}
