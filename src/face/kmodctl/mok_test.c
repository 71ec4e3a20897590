// SPDX-License-Identifier: MIT
#include "face/kmodctl/mok_test.h"

#include "act/sign/cert.h"
#include "base/json.h"
#include "face/common/answer.h"
#include "face/common/display.h"
#include "face/common/table.h"
#include "face/kmodctl/status.h"

static const struct table_column columns[] = { { .key = "file", .after = ": " }, { .key = "standing" } };

static int show_one(struct env *env, enum mok_list list, const struct cert *cert, struct json *j)
{
	const struct mok_search search = { &env->sys, list, false };
	enum mok_standing standing = MOK_ABSENT;

	if (mok_find(&search, cert, &standing) < 0)
		return STATUS_UNKNOWN;
	const struct table_cell cells[] = { { .text = cert_label(cert) },
					    { .text = mok_standing_text(standing, list) } };

	if (j)
		table_json(j, NULL, columns, cells, ELEMENTSOF(cells));
	else
		table_line(env->out, columns, cells, ELEMENTSOF(cells));
	return standing == MOK_IN_LIST || standing == MOK_IN_DB || standing == MOK_IN_KERNEL ? STATUS_YES : STATUS_NO;
}

int mok_test_show(struct env *env, enum mok_list list, const struct keyring *keys, bool as_json)
{
	int status = STATUS_YES;
	struct json j;

	if (as_json) {
		answer_open(env, &j);
		json_array(&j, "keys");
	} else {
		display_page(env);
	}
	for (size_t i = 0; i < keys->n; i++) {
		int one = show_one(env, list, keys->certs[i], as_json ? &j : NULL);

		status = one == STATUS_YES || status == STATUS_NO ? status : one;
	}
	if (as_json) {
		json_end(&j);
		answer_close(env, &j);
	}
	return status;
}
