/* SPDX-License-Identifier: MIT */
#pragma once

/* The ABI's list: a ring of entries, the list itself being its first entry. */

struct kmod_list {
	struct kmod_list *next, *prev;
	void *data; /* what the list's own free function knows */
};

/*
 * Appends; *list becomes the new entry if it was empty. -ENOMEM leaves everything as it was, data stays the caller's.
 */
int list_append(struct kmod_list **list, void *data);
/* Frees the whole ring; free_data is called on each entry's data. */
void list_free(struct kmod_list *list, void (*free_data)(void *data));
