// SPDX-License-Identifier: MIT
#include "face/kmodctl/mok_list.h"

#include <errno.h>
#include <string.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/nearest.h"
#include "face/common/answer.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "face/common/table.h"
#include "verb/trust/keystore.h"

enum { COL_LIST, COL_NAME, COL_ID, COL_RING, COLS };

static const struct table_column columns[COLS] = {
	[COL_LIST] = { .key = "list", .width = 12, .after = " " },
	[COL_NAME] = { .key = "name", .after = "  " },
	[COL_ID] = { .key = "id" },
	[COL_RING] = { .key = "ring", .before = "  in " },
};

/* The keys of one store. */
static int list_store(struct env *env, const struct key_stores *s, enum key_store_id id, struct json *j)
{
	const struct key_store *store = &s->stores[id];

	for (size_t i = 0; i < store->n; i++) {
		const struct key_entry *e = &store->entries[i];
		_cleanup_buf_ struct buf name = BUF_INIT, skid = BUF_INIT;
		enum trust_ring ring = key_entry_ring(e);
		struct table_cell cells[COLS] = { 0 };

		if (e->cert) {
			cert_name(e->cert, &name);
			hex_colons(cert_skid(e->cert), 0, &skid);
			/* Rings are shown, and none of them has the enrolled key. */
			if (!j && id == STORE_MOK && ring == TRUST_RING_NONE && key_stores_show_rings(s))
				buf_adds(&skid, "  on no ring");
		} else {
			buf_adds(&name, siglist_type_name(e->type));
			hex_plain(e->data, &skid);
		}
		cells[COL_LIST].text = store->name;
		cells[COL_NAME].text = buf_str(&name);
		cells[COL_ID].text = buf_str(&skid);
		cells[COL_RING].text = ring == TRUST_RING_NONE ? NULL : trust_ring_name(ring);
		if (j)
			table_json(j, NULL, columns, cells, COLS);
		else
			table_line(env->out, columns, cells, COLS);
	}
	if (!store->error || store->error == -ENOENT)
		return 0;
	report_error(env, "mok.list", "%s: %s", store->name,
		     store->error == -EBADMSG ? "the signature list is damaged" : strerror(-store->error));
	return store->error;
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
	int failed = 0;
	struct json j;

	if (argc > 0 && only < 0) {
		_cleanup_buf_ struct buf hint = BUF_INIT;

		if (argc > 1)
			buf_adds(&hint, "; list takes one, or none for all");
		else
			nearest_among(argv[0], strlen(argv[0]), NEAREST_NAMES(list_rows, ELEMENTSOF(list_rows), word),
				      &hint);
		report_error(env, "mok.list-what", "%s '%s'%s", argc > 1 ? "more than one list:" : "unknown list",
			     argv[argc > 1], buf_str(&hint));
		return -EINVAL;
	}
	display_page(env);
	if (key_stores_read(&env->sys, &s) < 0)
		return -ENOMEM;
	if (as_json) {
		answer_open(env, &j);
		json_array(&j, "keys");
	}
	for (int i = 0; i < (int)ELEMENTSOF(list_rows); i++)
		/* With --blocked the first row is the list of blocked keys already. */
		if (argc > 0 ? i == only : list == MOK_KEYS || list_rows[i].keys != list_rows[i].blocked)
			failed += list_store(env, &s, list == MOK_KEYS ? list_rows[i].keys : list_rows[i].blocked,
					     as_json ? &j : NULL) < 0;
	if (as_json) {
		json_end(&j);
		answer_close(env, &j);
	}
	return failed ? -EIO : 0;
}
