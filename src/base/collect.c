// SPDX-License-Identifier: MIT
#include "base/collect.h"

static void keep(void *data, const struct diag_msg *msg)
{
	struct collect *c = data;
	struct collected *item = arena_zalloc(&c->arena, sizeof(*item));

	/* Without memory a message is lost, as it would be on any other way to the user. */
	if (!item)
		return;
	item->msg = *msg;
	item->msg.file = msg->file ? arena_str(&c->arena, msg->file) : NULL;
	item->msg.text = arena_str(&c->arena, msg->text);
	if (!item->msg.text)
		return;
	*c->end = item;
	c->end = &item->next;
}

void collect_init(struct collect *c, const struct diag *target)
{
	*c = (struct collect){ .diag = { .sink = keep, .data = c, .max_level = target ? target->max_level : -1 } };
	c->end = &c->first;
}

void collect_done(struct collect *c)
{
	arena_done(&c->arena);
	c->first = NULL;
	c->end = &c->first;
}

void collect_flush(struct collect *c, struct diag *target)
{
	for (const struct collected *i = c->first; i; i = i->next)
		diag_forward(target, &i->msg);
	collect_done(c);
}
