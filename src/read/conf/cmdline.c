// SPDX-License-Identifier: MIT
#include "read/conf/cmdline.h"

#include <ctype.h>

enum state {
	STATE_NAME,
	STATE_PARAM,
	STATE_VALUE,
	STATE_IGNORE,
};

/* Where the parts of the item in c->text begin. */
struct scan {
	enum state state;
	size_t param, value;
	bool in_quotes;
	bool quoted;
};

void cmdline_init(struct cmdline *c, struct span content)
{
	*c = (struct cmdline){ .rest = content };
}

void cmdline_done(struct cmdline *c)
{
	buf_done(&c->text);
}

/* The separators become NULs, so that text is module NUL param NUL value NUL. */
static void take_byte(struct cmdline *c, struct scan *s, char byte)
{
	if (s->state == STATE_NAME && byte == '.') {
		s->state = STATE_PARAM;
		s->param = c->text.n + 1;
		byte = '\0';
	} else if (s->state == STATE_PARAM && byte == '=') {
		s->state = STATE_VALUE;
		s->value = c->text.n + 1;
		buf_addc(&c->text, '\0');
		if (s->quoted)
			buf_addc(&c->text, '"');
		return;
	} else if ((s->state == STATE_NAME && byte == '=') || (s->state == STATE_PARAM && byte == '.')) {
		s->state = STATE_IGNORE;
	}
	buf_addc(&c->text, byte);
}

static void take_quote(struct cmdline *c, struct scan *s, bool first)
{
	s->in_quotes = !s->in_quotes;
	if (first)
		s->quoted = true;
	else if (s->state == STATE_VALUE)
		buf_addc(&c->text, '"');
	else
		s->state = STATE_IGNORE;
}

/* One item, up to its end. False: the last one, and its quotes are still open. */
static bool take_item(struct cmdline *c, struct scan *s)
{
	bool first = true;
	struct span byte;

	while (span_take(&c->rest, 1, &byte) == 0) {
		if (isspace(byte.p[0])) {
			if (!s->in_quotes)
				return true;
			if (s->state != STATE_VALUE)
				s->state = STATE_IGNORE;
		}
		if (byte.p[0] == '"')
			take_quote(c, s, first);
		else
			take_byte(c, s, (char)byte.p[0]);
		first = false;
	}
	return !s->in_quotes;
}

int cmdline_next(struct cmdline *c, struct cmdline_item *ret)
{
	while (c->rest.n > 0) {
		struct scan s = { 0 };
		bool ended;

		buf_clear(&c->text);
		ended = take_item(c, &s);
		buf_addc(&c->text, '\0');
		if (buf_error(&c->text))
			return buf_error(&c->text);
		if (!ended || s.state == STATE_NAME || s.state == STATE_IGNORE)
			continue;
		*ret = (struct cmdline_item){
			.module = c->text.p,
			.param = c->text.p + s.param,
			.value = s.state == STATE_VALUE ? c->text.p + s.value : NULL,
		};
		return 1;
	}
	return 0;
}
