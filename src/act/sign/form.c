// SPDX-License-Identifier: MIT
#include "act/sign/form.h"

#include <errno.h>

/* Tag, and the length in one octet or in two behind a first. */
#define HEAD_MAX 4
#define CONSTRUCTED 0x20

int form_next(struct span *in, struct der_item *ret)
{
	struct der_item item;
	int r = der_next(in, &item);

	if (r == 1 && !der_is_indefinite(&item) && item.whole.n - item.body.n > HEAD_MAX)
		return -EBADMSG;
	if (r == 1)
		*ret = item;
	return r;
}

bool form_is_tag(uint8_t found, uint8_t wanted)
{
	return found == wanted || ((wanted & CONSTRUCTED) && (found | CONSTRUCTED) == wanted);
}

int form_expect(struct span *in, uint8_t tag, struct der_item *ret)
{
	struct der_item item;

	if (form_next(in, &item) != 1 || !form_is_tag(item.tag, tag))
		return -EBADMSG;
	*ret = item;
	return 0;
}

int form_optional(struct span *in, uint8_t tag, struct der_item *ret)
{
	return in->n == 0 || !form_is_tag(in->p[0], tag) ? 0 : form_next(in, ret);
}

/* The end of an element of indefinite length is taken for its parameter, if there is none. */
int form_algorithm(struct span *in, struct span *ret_oid, struct span *ret_parameter)
{
	struct der_item algorithm, oid, parameter = { 0 };

	if (form_expect(in, DER_SEQUENCE, &algorithm) < 0 || form_expect(&algorithm.body, DER_OID, &oid) < 0 ||
	    form_next(&algorithm.body, &parameter) < 0 || algorithm.body.n > 0 ||
	    (parameter.whole.n == 0 && der_is_indefinite(&algorithm)))
		return -EBADMSG;
	*ret_oid = oid.body;
	*ret_parameter = parameter.whole;
	return 0;
}

/* Type and value. */
static int take_entry(struct span *in)
{
	struct der_item entry, type, value;

	if (form_expect(in, DER_SEQUENCE, &entry) < 0 || form_expect(&entry.body, DER_OID, &type) < 0 ||
	    form_next(&entry.body, &value) != 1)
		return -EBADMSG;
	return entry.body.n > 0 ? -EBADMSG : 0;
}

int form_name(struct span *in, struct span *ret)
{
	struct der_item name, entries;

	if (form_expect(in, DER_SEQUENCE, &name) < 0 || name.body.n == 0)
		return -EBADMSG;
	*ret = name.body;
	while (name.body.n > 0) {
		if (form_expect(&name.body, DER_SET, &entries) < 0 || entries.body.n == 0)
			return -EBADMSG;
		while (entries.body.n > 0)
			if (take_entry(&entries.body) < 0)
				return -EBADMSG;
	}
	return 0;
}
