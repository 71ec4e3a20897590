// SPDX-License-Identifier: MIT
#include "face/kmodctl/mok_list.h"

#include <errno.h>
#include <string.h>

#include "base/hex.h"
#include "base/json.h"
#include "face/common/answer.h"
#include "face/common/report.h"
#include "verb/trust/keystore.h"

/* The keys of one store: name, id and ring. */
static void list_store(struct env *env, const struct key_stores *s, enum key_store_id id, struct json *j)
{
	const struct key_store *store = &s->stores[id];

	for (size_t i = 0; i < store->n; i++) {
		const struct key_entry *e = &store->entries[i];
		_cleanup_buf_ struct buf name = BUF_INIT, skid = BUF_INIT;
		enum trust_ring ring = key_entry_ring(e);

		if (e->cert) {
			cert_name(e->cert, &name);
			hex_plain(cert_skid(e->cert), &skid);
		} else {
			buf_adds(&name, siglist_type_name(e->type));
			hex_plain(e->data, &skid);
		}
		if (j) {
			json_object(j, NULL);
			json_str(j, "list", store->name);
			json_str(j, "name", buf_str(&name));
			json_str(j, "id", buf_str(&skid));
			json_str(j, "ring", ring == TRUST_RING_NONE ? NULL : trust_ring_name(ring));
			json_end(j);
		} else {
			fprintf(env->out, "%-12s %s  %s%s%s\n", store->name, buf_str(&name), buf_str(&skid),
				ring == TRUST_RING_NONE ? "" : "  in ", trust_ring_name(ring));
		}
	}
	if (store->error && store->error != -ENOENT)
		report_error(env, "mok.list", "%s: %s", store->name,
			     store->error == -EBADMSG ? "the signature list is damaged" : strerror(-store->error));
}

static const struct list_row {
	const char *word;
	enum key_store_id keys, blocked;
} list_rows[] = {
	{ "enrolled", STORE_MOK, STORE_MOKX },
	{ "new", STORE_MOK_NEW, STORE_MOKX_NEW },
	{ "delete", STORE_MOK_DELETE, STORE_MOKX_DELETE },
	{ "blocked", STORE_MOKX, STORE_MOKX },
};

static int find_word(const char *word)
{
	int i = (int)ELEMENTSOF(list_rows) - 1;

	while (i >= 0 && strcmp(list_rows[i].word, word) != 0)
		i--;
	return i;
}

int mok_list_show(struct env *env, enum mok_list list, int argc, char **argv, bool as_json)
{
	_cleanup_key_stores_ struct key_stores s = { 0 };
	int only = argc == 1 ? find_word(argv[0]) : -1;
	struct json j;

	if (argc > 0 && only < 0) {
		report_error(env, "mok.list-what", "list takes one of enrolled, new, delete, blocked, or nothing for all");
		return -EINVAL;
	}
	if (key_stores_read(&env->sys, &s) < 0)
		return -ENOMEM;
	if (as_json) {
		answer_open(env, &j);
		json_array(&j, "keys");
	}
	for (int i = 0; i < (int)ELEMENTSOF(list_rows); i++)
		/* With --blocked the first row is the list of blocked keys already. */
		if (argc > 0 ? i == only : list == MOK_KEYS || list_rows[i].keys != list_rows[i].blocked)
			list_store(env, &s, list == MOK_KEYS ? list_rows[i].keys : list_rows[i].blocked, as_json ? &j : NULL);
	if (as_json) {
		json_end(&j);
		answer_close(env, &j);
	}
	return 0;
}
