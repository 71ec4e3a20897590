// SPDX-License-Identifier: MIT
#include "act/depmod/devnode.h"

#include <stdio.h>
#include <string.h>

static bool parse_dev_number(const char *alias, struct devnode *d)
{
	unsigned major, minor;
	int end = 0;
	char type;

	if (strncmp(alias, "char-major-", 11) == 0)
		type = 'c';
	else if (strncmp(alias, "block-major-", 12) == 0)
		type = 'b';
	else
		return false;
	alias = strchr(strchr(alias, '-') + 1, '-') + 1;
	if (sscanf(alias, "%u-%u%n", &major, &minor, &end) != 2 || alias[end])
		return false;
	d->type = type;
	d->major = major;
	d->minor = minor;
	return true;
}

void devnode_find(const struct module *module, struct devnode *ret)
{
	struct record_list aliases = module->facts.lists[RECORD_ALIASES];
	const char *alias;

	*ret = (struct devnode){ 0 };
	while (!(ret->name && ret->type) && (alias = record_next(&aliases))) {
		/* Most aliases are of buses: no need to compare them three times. */
		if (*alias < 'b' || *alias > 'd')
			continue;
		if (strncmp(alias, "devname:", 8) == 0)
			ret->name = alias + 8;
		else
			parse_dev_number(alias, ret);
	}
}
