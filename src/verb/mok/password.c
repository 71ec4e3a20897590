// SPDX-License-Identifier: MIT
#include "verb/mok/password.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>

#include "base/fileio.h"

/* The second field of root's line in /etc/shadow. */
static int root_hash(struct sys *sys, char *ret, size_t cap)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char *line, *end;
	int r = file_read(&sys->root, "/etc/shadow", 1 << 20, &text);

	if (r < 0)
		return r;
	for (line = buf_str(&text); line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "root:", 5) == 0)
			break;
	}
	end = line ? strpbrk(line + 5, ":\n") : NULL;
	if (!end || (size_t)(end - line - 5) >= cap || end == line + 5 || line[5] == '*' || line[5] == '!')
		return -ENODATA;
	memcpy(ret, line + 5, (size_t)(end - line - 5));
	ret[end - line - 5] = '\0';
	return 0;
}

/*
 * root's password is stored in a form that MokManager cannot check (yescrypt): the user is asked for it once, it is
 * compared, and a separate record is made.
 */
static int convert_root_password(struct sys *sys, const struct mok_secret *secret, const char *hash, uint8_t *ret)
{
	char password[MOKPW_MAX + 2], crypted[CRYPT_OUTPUT_SIZE];
	int r = secret->answer(
		secret->data,
		"root's password is stored in a form that MokManager does not support; please type it once.",
		"root's password: ", password, sizeof(password));

	if (r < 0)
		return r;
	r = -EACCES;
	if (mokpw_is(hash, password) == 1)
		r = mokpw_crypt(password, crypted, sizeof(crypted));
	else
		sys_error(sys, "mok.root-password", "that is not root's password");
	explicit_bzero(password, sizeof(password));
	return r < 0 ? r : mokpw_record(crypted, ret);
}

static int record_of_root(struct sys *sys, const struct mok_secret *secret, uint8_t *ret)
{
	char hash[CRYPT_OUTPUT_SIZE];
	int r = root_hash(sys, hash, sizeof(hash));

	if (r < 0) {
		sys_error(sys, "mok.no-root-password", "Failed to get root password hash");
		return r;
	}
	r = mokpw_record(hash, ret);
	return r == -ENOTSUP ? convert_root_password(sys, secret, hash, ret) : r;
}

static int record_of_file(struct sys *sys, const char *path, uint8_t *ret)
{
	char line[CRYPT_OUTPUT_SIZE];
	int r = file_read_line(&sys->root, path, line, sizeof(line));

	if (r < 0) {
		sys_error(sys, "mok.hash-file", "Failed to open %s", path);
		return r;
	}
	r = mokpw_record(line, ret);
	if (r == -ENOTSUP)
		sys_error(sys, "mok.hash-method", "%s: MokManager cannot check a hash of this kind; use SHA-512 ($6$)",
			  path);
	else if (r < 0)
		sys_error(sys, "mok.hash-damaged", "Failed to parse the string");
	return r;
}

static int check_typable(struct sys *sys, const char *password)
{
	if (mokpw_is_typable(password))
		return 0;
	sys_error(
		sys, "mok.password-keyboard",
		"MokManager has a US keyboard, on which this password cannot be typed: letters without accents, digits "
		"and signs of ASCII only");
	return -EILSEQ;
}

int mok_record(struct sys *sys, const struct mok_secret *secret, uint8_t ret[MOKPW_RECORD])
{
	char password[MOKPW_MAX + 2], crypted[CRYPT_OUTPUT_SIZE];
	int r;

	if (secret->hash_file)
		return record_of_file(sys, secret->hash_file, ret);
	if (secret->root_password)
		return record_of_root(sys, secret, ret);
	r = secret->choose(secret->data, MOKPW_MIN, MOKPW_MAX, password);
	if (r < 0)
		return r;
	r = check_typable(sys, password);
	if (r == 0)
		r = mokpw_crypt(password, crypted, sizeof(crypted));
	explicit_bzero(password, sizeof(password));
	return r < 0 ? r : mokpw_record(crypted, ret);
}
