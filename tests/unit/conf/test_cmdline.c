// SPDX-License-Identifier: MIT
#include "messages.h"

#include "read/conf/cmdline.h"

struct example {
	const char *line, *want; /* MODULE/PARAM=VALUE| */
};

static void expect(const struct example *e)
{
	_cleanup_cmdline_ struct cmdline c;
	_cleanup_buf_ struct buf got = BUF_INIT;
	struct cmdline_item item;
	int r;

	cmdline_init(&c, span_of_str(e->line));
	while ((r = cmdline_next(&c, &item)) > 0)
		buf_addf(&got, "%s/%s%s%s|", item.module, item.param, item.value ? "=" : "",
			 item.value ? item.value : "");
	assert_int_equal(r, 0);
	if (strcmp(buf_str(&got), e->want) != 0)
		fail_msg("%s: got %s instead of %s", e->line, buf_str(&got), e->want);
}

static void examples(void **state)
{
	static const struct example examples[] = {
		{ "", "" },
		{ "m.p", "m/p|" },
		{ "m.p=1 n.q\n", "m/p=1|n/q|" },
		{ "\tm.p=1\vn.q\r", "m/p=1|n/q|" },
		{ "\"q-r.s=t u\"", "q-r/s=\"t u\"|" },
		{ "m.p=a\"b c\"d", "m/p=a\"b c\"d|" },
		{ "m.p=a.b=c", "m/p=a.b=c|" },
		{ "m.p=", "m/p=|" },
		{ ".x=1", "/x=1|" },
		{ "m.", "m/|" },
		{ "-- m.p", "m/p|" },
		/* ignored */
		{ "quiet root=/dev/x.y a.b.c=1 k=v.w", "" },
		{ "\"m.p\"", "" },
		{ "x\"m.p=1", "" },
		{ "m.\"p=1\" n.q", "n/q|" },
		{ "\"a b.c=1\" m.p", "m/p|" },
		{ "m.p=\"open n.q", "" },
		{ "n.q \"m.p=1", "n/q|" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(examples); i++)
		expect(&examples[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
