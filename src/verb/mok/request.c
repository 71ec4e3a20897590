// SPDX-License-Identifier: MIT
#include "verb/mok/request.h"

#include <errno.h>

#include "read/efi/siglist.h"

static const struct efi_guid shim = EFI_GUID_SHIM;

const struct mok_names *mok_names(enum mok_list list, enum mok_action action)
{
	static const struct mok_names names[2][2] = {
		{ { "MokNew", "MokAuth", "Enroll MOK" }, { "MokDel", "MokDelAuth", "Delete MOK" } },
		{ { "MokXNew", "MokXAuth", "Enroll MOKX" }, { "MokXDel", "MokXDelAuth", "Delete MOKX" } },
	};

	return &names[list][action];
}

const char *mok_enrolled_name(enum mok_list list)
{
	return list == MOK_KEYS ? "MokListRT" : "MokListXRT";
}

int mok_pending(const struct root *root, enum mok_list list, enum mok_action action, struct buf *into)
{
	_cleanup_efi_var_ struct efi_var v = { 0 };
	int r = efi_var_read(root, mok_names(list, action)->list, &shim, &v);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (siglist_count(buf_span(&v.data)) < 0)
		return -EBADMSG;
	return buf_add(into, v.data.p, v.data.n);
}

int mok_enrolled(const struct root *root, enum mok_list list, struct buf *into)
{
	enum efi_list_source source;
	int r = efi_read_mok_list(root, mok_enrolled_name(list), into, &source);

	return r == -ENOENT ? 0 : r;
}

/* A variable's content before a change, to put it back. */
struct saved {
	const char *name;
	bool was_there;
	struct efi_var var;
};

static void saved_done(struct saved *s)
{
	efi_var_done(&s->var);
}

static int save(const struct root *root, struct diag *diag, const char *name, struct saved *ret)
{
	int r = efi_var_read(root, name, &shim, &ret->var);

	ret->name = name;
	ret->was_there = r == 0;
	if (r == 0 || r == -ENOENT)
		return 0;
	diag_err(diag, "efi.read", "could not read the EFI variable %s: %s", name, efi_write_error(r));
	return r;
}

/* Is the variable as it was? A write that failed at once has changed nothing. */
static bool is_unchanged(const struct root *root, const struct saved *s)
{
	_cleanup_efi_var_ struct efi_var now = { 0 };
	int r = efi_var_read(root, s->name, &shim, &now);

	return s->was_there ? r == 0 && now.attributes == s->var.attributes &&
				      span_eq(buf_span(&now.data), buf_span(&s->var.data)) :
			      r == -ENOENT;
}

static void put_back(const struct root *root, struct diag *diag, const struct saved *s)
{
	int r;

	if (is_unchanged(root, s))
		return;
	r = s->was_there ? efi_var_write(root, s->name, &shim, s->var.attributes, buf_span(&s->var.data), 0600) :
			   efi_var_delete(root, s->name, &shim);

	if (r < 0)
		diag_err(diag, "efi.rollback", "could not restore the EFI variable %s: %s", s->name,
			 efi_write_error(r));
}

/* Some firmware reports success and stores nothing, or a variable that is gone after the reboot. */
static int check_kept(const struct root *root, struct diag *diag, const char *name, struct span data)
{
	_cleanup_efi_var_ struct efi_var v = { 0 };
	int r = efi_var_read(root, name, &shim, &v);

	if (r == 0 && v.attributes == EFI_NV_BS_RT && span_eq(buf_span(&v.data), data))
		return 0;
	diag_err(diag, "efi.not-kept", "the firmware accepted the EFI variable %s, but did not store it%s", name,
		 r == 0 && span_eq(buf_span(&v.data), data) ? " with its attributes" : "");
	return -EIO;
}

static int write_one(const struct root *root, struct diag *diag, const char *name, struct span data)
{
	int r = efi_var_write(root, name, &shim, EFI_NV_BS_RT, data, 0600);

	if (r == 0)
		return check_kept(root, diag, name, data);
	diag_err(diag, "efi.write", "could not write the EFI variable %s: %s", name, efi_write_error(r));
	return r;
}

static int delete_one(const struct root *root, struct diag *diag, const char *name)
{
	int r = efi_var_delete(root, name, &shim);

	if (r < 0)
		diag_err(diag, "efi.delete", "could not delete the EFI variable %s: %s", name, efi_write_error(r));
	return r;
}

int mok_set(const struct root *root, struct diag *diag, const char *name, struct span value)
{
	return value.n ? write_one(root, diag, name, value) : delete_one(root, diag, name);
}

int mok_request(const struct root *root, struct diag *diag, enum mok_list list, enum mok_action action,
		struct span keys, const uint8_t record[MOKPW_RECORD])
{
	_cleanup_(saved_done) struct saved old_keys = { 0 };
	_cleanup_(saved_done) struct saved old_auth = { 0 };
	const struct mok_names *names = mok_names(list, action);
	int r = save(root, diag, names->list, &old_keys);

	if (r == 0)
		r = save(root, diag, names->auth, &old_auth);
	if (r < 0)
		return r;
	r = mok_set(root, diag, names->list, keys);
	if (r == 0)
		r = write_one(root, diag, names->auth, span_of(record, MOKPW_RECORD));
	if (r == 0)
		return 0;
	put_back(root, diag, &old_keys);
	put_back(root, diag, &old_auth);
	return r;
}

int mok_revoke(const struct root *root, struct diag *diag, enum mok_list list, enum mok_action action)
{
	_cleanup_(saved_done) struct saved old_auth = { 0 };
	const struct mok_names *names = mok_names(list, action);
	bool any = efi_var_exists(root, names->list, &shim) || efi_var_exists(root, names->auth, &shim);
	int r = save(root, diag, names->auth, &old_auth);

	/* The record goes first: a list without it requests nothing, a record without a list would erase everything. */
	if (r == 0)
		r = delete_one(root, diag, names->auth);
	if (r < 0)
		return r;
	r = delete_one(root, diag, names->list);
	if (r < 0) {
		put_back(root, diag, &old_auth);
		return r;
	}
	return any;
}

bool mok_reset_pending(const struct root *root, enum mok_list list)
{
	const struct mok_names *names = mok_names(list, MOK_ENROLL);

	return efi_var_exists(root, names->auth, &shim) && !efi_var_exists(root, names->list, &shim);
}

struct switch_row {
	const char *name;
	uint32_t when_on; /* the state that requests "on" */
};

static const struct switch_row switches[] = {
	[MOK_VALIDATION] = { "MokSB", 1 },
	[MOK_USE_DB] = { "MokDB", 1 },
	[MOK_TRUST] = { "MokListTrustedNew", 0 },
};

int mok_switch(const struct root *root, struct diag *diag, enum mok_switch which, bool on, const char *password)
{
	const struct switch_row *row = &switches[which];
	uint8_t request[MOKPW_SWITCH];
	int r = mokpw_switch(on ? row->when_on : !row->when_on, password, request);

	if (r == -EILSEQ)
		diag_err(diag, "mok.password-keyboard",
			 "MokManager has a US keyboard, on which this password cannot be typed");
	if (r == 0)
		r = write_one(root, diag, row->name, span_of(request, sizeof(request)));
	explicit_bzero(request, sizeof(request));
	return r;
}

int mok_switch_pending(const struct root *root, enum mok_switch which, bool *ret_on)
{
	_cleanup_efi_var_ struct efi_var v = { 0 };
	uint32_t state;
	int r = efi_var_read(root, switches[which].name, &shim, &v);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (span_le32(buf_span(&v.data), 0, &state) < 0)
		return -EBADMSG;
	*ret_on = state == switches[which].when_on;
	return 1;
}

int mok_password(const struct root *root, struct diag *diag, const uint8_t record[MOKPW_RECORD])
{
	static const uint8_t none[MOKPW_RECORD];

	return write_one(root, diag, "MokPW", span_of(record ? record : none, MOKPW_RECORD));
}

int mok_timeout(const struct root *root, struct diag *diag, int32_t seconds)
{
	uint8_t value[4];

	store_le32(value, (uint32_t)seconds);
	return write_one(root, diag, "MokTimeout", span_of(value, sizeof(value)));
}

int32_t mok_timeout_read(const struct root *root)
{
	_cleanup_efi_var_ struct efi_var v = { 0 };
	uint32_t seconds;

	if (efi_var_read(root, "MokTimeout", &shim, &v) < 0 || span_le32(buf_span(&v.data), 0, &seconds) < 0)
		return MOK_TIMEOUT_DEFAULT;
	return (int32_t)seconds;
}
