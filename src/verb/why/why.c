// SPDX-License-Identifier: MIT
#include "verb/why/why.h"

#include <errno.h>
#include <string.h>

#include "verb/why/outlook.h"
#include "verb/why/parts.h"

/* "off" in the place of a module, the old way to switch an alias off; 1: it is one, which was reported. */
static int tell_switched_off(struct subject *s)
{
	_cleanup_candidates_ struct candidates real = { 0 };
	const struct candidate *c = s->c;

	if (c->source != RESOLVE_CONFIG_ALIAS || !c->entry || strcmp(c->name, "off") != 0)
		return 0;
	if (resolve_name(s->q->world, c->name, &real) >= 0 && real.n > 0)
		return 0;
	if (why_add(s->found, WHY_OBSTACLE, WHY_ALIAS_OFF, c->entry, "it is switched off by `alias %s off`",
		    c->entry->name) < 0 ||
	    subject_fix_line(s, c->entry) < 0)
		return -ENOMEM;
	return 1;
}

static int take_steps(struct subject *s)
{
	/* What the kernel checks stands in its order: the first obstacle is the one that it comes upon. */
	static int (*const steps[])(struct subject *) = {
		why_state,     why_supported, why_policy,      why_misread,   why_ignored,  why_listed,    why_pulled,
		why_privilege, why_copies,    why_file,        why_packing,   why_identity, why_signature, why_guards,
		why_machine,   why_object,    why_denied,      why_built_for, why_needs,    why_chain,     why_versions,
		why_needed,    why_rules,     why_relocations, why_exported,  why_types,    why_options,   why_initcall,
		why_initramfs, why_devices,   why_aliases,     why_firmware,  why_users,
	};
	int r = 0;

	for (size_t i = 0; i < ELEMENTSOF(steps) && r >= 0; i++)
		r = steps[i](s);
	return r;
}

int why_module(const struct why_query *q, const struct candidate *c, struct why *ret)
{
	_cleanup_why_ struct why found = { 0 };
	_cleanup_subject_ struct subject s = { 0 };
	int r = subject_open(q, c, &found, &s);

	if (r >= 0)
		r = tell_switched_off(&s);
	if (r == 0)
		r = take_steps(&s);
	if (r >= 0)
		r = outlook_answer(&s);
	if (r < 0)
		return r;
	*ret = found;
	found = (struct why){ 0 };
	return 0;
}
