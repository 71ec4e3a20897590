// SPDX-License-Identifier: MIT
#include "face/libkmod/list.h"

#include <errno.h>
#include <stdlib.h>

#include "face/libkmod/export.h"
#include "face/libkmod/libkmod.h"

int list_append(struct kmod_list **list, void *data)
{
	struct kmod_list *e = malloc(sizeof(*e)), *first = *list;

	if (!e)
		return -ENOMEM;
	e->data = data;
	if (!first) {
		e->next = e->prev = e;
		*list = e;
		return 0;
	}
	e->next = first;
	e->prev = first->prev;
	first->prev->next = e;
	first->prev = e;
	return 0;
}

void list_free(struct kmod_list *list, void (*free_data)(void *data))
{
	struct kmod_list *e = list;

	if (!list)
		return;
	do {
		struct kmod_list *next = e->next;

		free_data(e->data);
		free(e);
		e = next;
	} while (e != list);
}

KMOD_EXPORT struct kmod_list *kmod_list_next(const struct kmod_list *list, const struct kmod_list *curr)
{
	return list && curr && curr->next != list ? curr->next : NULL;
}

KMOD_EXPORT struct kmod_list *kmod_list_prev(const struct kmod_list *list, const struct kmod_list *curr)
{
	return list && curr && curr != list ? curr->prev : NULL;
}

KMOD_EXPORT struct kmod_list *kmod_list_last(const struct kmod_list *list)
{
	return list ? list->prev : NULL;
}
