// SPDX-License-Identifier: MIT
#include "verb/mok/standing.h"

#include <errno.h>

#include "act/sign/cert.h"
#include "decide/verdict/machine.h"
#include "read/efi/siglist.h"
#include "read/efi/vars.h"
#include "read/kernel/rings.h"

/* db or dbx, which are empty when the variable does not exist; -EBADMSG damaged. */
static int read_firmware_list(const struct mok_search *s, const char *name, struct buf *into)
{
	const struct efi_guid security = EFI_GUID_SECURITY;
	struct efi_var v = { 0 };
	int r = efi_var_read(&s->sys->root, name, &security, &v);

	if (r == 0)
		r = buf_add(into, v.data.p, v.data.n);
	efi_var_done(&v);
	return r == -ENOENT ? 0 : r;
}

/* The lists that are searched, with what finding a key there means. */
struct searched {
	enum mok_standing standing;
	int (*read)(const struct mok_search *s, struct buf *into);
};

static int read_db(const struct mok_search *s, struct buf *into)
{
	return read_firmware_list(s, "db", into);
}

static int read_dbx(const struct mok_search *s, struct buf *into)
{
	return read_firmware_list(s, "dbx", into);
}

static int read_list(const struct mok_search *s, struct buf *into)
{
	return mok_enrolled(&s->sys->root, s->list, into);
}

static int read_request(const struct mok_search *s, struct buf *into)
{
	return mok_pending(&s->sys->root, s->list, MOK_ENROLL, into);
}

static int read_blocked(const struct mok_search *s, struct buf *into)
{
	return mok_enrolled(&s->sys->root, MOK_BLOCKED, into);
}

static const struct searched search_keys[] = {
	{ MOK_IN_DB, read_db },   { MOK_IN_LIST, read_list },       { MOK_IN_REQUEST, read_request },
	{ MOK_IN_DBX, read_dbx }, { MOK_IN_BLOCKED, read_blocked },
};
static const struct searched search_blocked[] = { { MOK_IN_LIST, read_list }, { MOK_IN_REQUEST, read_request } };

static bool in_builtin_ring(const struct mok_search *s, const struct cert *cert)
{
	_cleanup_ring_ struct ring ring = { 0 };

	if (s->ignore_keyring || s->list != MOK_KEYS || !s->sys->keyring ||
	    ring_read(&s->sys->root, s->sys->keyring, trust_ring_name(TRUST_RING_BUILTIN), &ring) < 0)
		return false;
	for (size_t i = 0; i < ring.n; i++)
		if (ring_key_has_id(ring.keys[i].description, cert_skid(cert)))
			return true;
	return false;
}

/* 1: the certificate is in that list. A list that cannot be read is reported and counts as empty. */
static int is_in(const struct mok_search *s, const struct searched *where, const struct cert *cert)
{
	_cleanup_buf_ struct buf lists = BUF_INIT;
	int r = where->read(s, &lists);

	if (r == 0)
		r = siglist_contains(buf_span(&lists), SIGLIST_X509, cert_der(cert));
	if (r == -EBADMSG)
		sys_warning(s->sys, "mok.damaged-list", "Corrupted signature list");
	return r == -ENOMEM ? r : r > 0;
}

static void warn_of_table(const struct mok_search *s)
{
	_cleanup_buf_ struct buf lists = BUF_INIT;
	const char *name = mok_enrolled_name(s->list);
	enum efi_list_source source;

	if (efi_read_mok_list(&s->sys->root, name, &lists, &source) == 0 && source == EFI_FROM_VARIABLES_INSTEAD)
		sys_warning(s->sys, "mok.damaged-table",
			    "%s/%s is damaged; the EFI variable of that name is used instead", EFI_MOK_TABLE_DIR, name);
}

int mok_find(const struct mok_search *s, const struct cert *cert, enum mok_standing *ret)
{
	const struct searched *rows = s->list == MOK_KEYS ? search_keys : search_blocked;
	size_t n = s->list == MOK_KEYS ? ELEMENTSOF(search_keys) : ELEMENTSOF(search_blocked);

	*ret = MOK_ABSENT;
	warn_of_table(s);
	if (in_builtin_ring(s, cert)) {
		*ret = MOK_IN_KERNEL;
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		int r = is_in(s, &rows[i], cert);

		if (r < 0)
			return r;
		if (r > 0) {
			*ret = rows[i].standing;
			return 0;
		}
	}
	return 0;
}

const char *mok_standing_text(enum mok_standing standing, enum mok_list list)
{
	switch (standing) {
	case MOK_ABSENT:
		return "not enrolled";
	case MOK_IN_KERNEL:
		return "already in the built-in trusted keyring";
	case MOK_IN_DB:
		return "already in db";
	case MOK_IN_LIST:
		return list == MOK_KEYS ? "already enrolled" : "already in MokListX";
	case MOK_IN_REQUEST:
		return list == MOK_KEYS ? "already in the enrollment request" :
					  "already in the MokX enrollment request";
	case MOK_IN_DBX:
		return "blocked in dbx";
	case MOK_IN_BLOCKED:
		break;
	}
	return "blocked in MokListX";
}

/*
 * 1: one of the list's certificates has the issuer's name as its subject, and is not the certificate itself; 0: none;
 * -EBADMSG: the list is damaged, and none before the damage.
 */
static int has_issuer(struct span lists, const struct cert *cert)
{
	struct siglist_iter it;
	struct siglist_entry e;
	int r = 0, found = 0;

	siglist_iter_init(&it, lists);
	while (!found && (r = siglist_next(&it, &e)) > 0) {
		_cleanup_(cert_free_p) struct cert *ca = NULL;

		if (e.type == SIGLIST_X509 && !span_eq(e.data, cert_der(cert)) &&
		    cert_parse(e.data, "", NULL, &ca) == 0)
			found = span_eq(cert_subject(ca), cert_issuer(cert));
	}
	return found ? found : r;
}

int mok_find_ca(const struct mok_search *s, const struct cert *cert, enum mok_ca *ret)
{
	static const struct {
		int (*read)(const struct mok_search *s, struct buf *into);
		enum mok_ca ca;
	} rows[] = {
		{ read_db, MOK_CA_ENROLLED },
		{ read_list, MOK_CA_ENROLLED },
		{ read_dbx, MOK_CA_BLOCKED },
		{ read_blocked, MOK_CA_BLOCKED },
	};

	*ret = MOK_CA_NONE;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_buf_ struct buf lists = BUF_INIT;
		int r = rows[i].read(s, &lists) == 0 ? has_issuer(buf_span(&lists), cert) : 0;

		if (r < 0)
			return r;
		if (r > 0) {
			*ret = rows[i].ca;
			return 0;
		}
	}
	return 0;
}
