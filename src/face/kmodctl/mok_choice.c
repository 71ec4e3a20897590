// SPDX-License-Identifier: MIT
#include "face/kmodctl/mok_choice.h"

#include "act/sign/cert.h"
#include "act/sign/verify.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "read/efi/siglist.h"
#include "verb/mok/preflight.h"
#include "verb/mok/standing.h"

/* Should this key be requested? Reports why not. 1 yes, 0 no, <0 */
static int wanted(struct env *env, enum mok_list list, enum mok_action action, const struct cert *cert, int *blocked)
{
	const struct mok_search search = { &env->sys, list, false };
	_cleanup_buf_ struct buf enrolled = BUF_INIT;
	enum mok_standing standing;
	int r;

	if (action == MOK_ENROLL) {
		r = mok_find(&search, cert, &standing);
		if (r == 0 && standing != MOK_ABSENT)
			say(report_people(env), "%s: %s\n", cert_label(cert), mok_standing_text(standing, list));
		*blocked += r == 0 && (standing == MOK_IN_DBX || standing == MOK_IN_BLOCKED);
		return r < 0 ? r : standing == MOK_ABSENT;
	}
	r = mok_enrolled(&env->sys.root, list, &enrolled);
	if (r == 0)
		r = siglist_contains(buf_span(&enrolled), SIGLIST_X509, cert_der(cert));
	if (r == 0)
		say(report_people(env), "%s: not enrolled\n", cert_label(cert));
	return r;
}

static int pending_opposite(struct env *env, enum mok_list list, enum mok_action action, const struct cert *cert)
{
	_cleanup_buf_ struct buf pending = BUF_INIT;
	enum mok_action opposite = action == MOK_ENROLL ? MOK_DELETE : MOK_ENROLL;
	int r = mok_pending(&env->sys.root, list, opposite, &pending);

	return r < 0 ? 0 : siglist_contains(buf_span(&pending), SIGLIST_X509, cert_der(cert)) > 0;
}

int mok_choose_keys(struct env *env, enum mok_list list, enum mok_action action, struct keyring *keys, int *warned,
		    int *blocked)
{
	bool enroll = action == MOK_ENROLL && list == MOK_KEYS;
	size_t fresh = 0;

	for (size_t i = 0; i < keys->n; i++) {
		bool reverses = pending_opposite(env, list, action, keys->certs[i]);
		int r = reverses ? 1 : wanted(env, list, action, keys->certs[i], blocked);

		if (r > 0 && !reverses && enroll) {
			r = mok_warn_certificate(&env->sys, keys->certs[i]);
			*warned += r > 0;
			r = r < 0 ? r : 1;
		}
		if (r < 0)
			return r;
		if (r == 0)
			cert_free(keys->certs[i]);
		else
			keys->certs[fresh++] = keys->certs[i];
	}
	keys->n = fresh;
	if (enroll && keys->n > 0)
		*warned += mok_warn_placement(&env->sys, keys->certs, keys->n);
	return 0;
}
