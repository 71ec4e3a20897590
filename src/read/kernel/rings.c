// SPDX-License-Identifier: MIT
#include "read/kernel/rings.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/hex.h"
#include "base/num.h"
#include "base/vec.h"

#define PROC_KEYS "/proc/keys"
#define PROC_KEYS_CAP (4u << 20)
#define RING_KEYS_MAX 65536
#define DESCRIPTION_MAX 4096

/* ---- the system call ---- */

static long keyctl5(int op, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	long r = syscall(SYS_keyctl, op, a, b, c, d);

	return r < 0 ? -errno : r;
}

static int real_read(void *data, int32_t ring, int32_t *ret, size_t n)
{
	long r = keyctl5(KEYCTL_READ, (unsigned long)ring, (unsigned long)ret, n * sizeof(*ret), 0);

	(void)data;
	return r < 0 ? (int)r : (int)(r / (long)sizeof(*ret));
}

static int real_describe(void *data, int32_t key, char *ret, size_t cap)
{
	(void)data;
	return (int)keyctl5(KEYCTL_DESCRIBE, (unsigned long)key, (unsigned long)ret, cap, 0);
}

/* Uses its own session keyring, so that nothing is left behind and no other ring is needed. */
static int real_vouches(void *data, const char *restriction, struct span certificate)
{
	long ring, key;

	(void)data;
	ring = syscall(SYS_add_key, "keyring", "kmodctl-oracle", NULL, 0ul, KEY_SPEC_PROCESS_KEYRING);
	if (ring < 0)
		return -errno;
	key = keyctl5(KEYCTL_RESTRICT_KEYRING, (unsigned long)ring, (unsigned long)"asymmetric",
		      (unsigned long)restriction, 0);
	if (key == 0)
		key = syscall(SYS_add_key, "asymmetric", "", certificate.p, certificate.n, ring) < 0 ? -errno : 1;
	keyctl5(KEYCTL_UNLINK, (unsigned long)ring, (unsigned long)KEY_SPEC_PROCESS_KEYRING, 0, 0);
	return key == -ENOKEY ? 0 : (int)key;
}

static int real_verifies(void *data, struct span certificate, const char *how, struct span digest,
			 struct span signature)
{
	long r, key = syscall(SYS_add_key, "asymmetric", "kmodctl-verify", certificate.p, certificate.n,
			      KEY_SPEC_PROCESS_KEYRING);
	struct keyctl_pkey_params params = {
		.key_id = (int32_t)key,
		.in_len = (uint32_t)digest.n,
		.in2_len = (uint32_t)signature.n,
	};

	(void)data;
	if (key < 0)
		return -errno;
	r = keyctl5(KEYCTL_PKEY_VERIFY, (unsigned long)&params, (unsigned long)how, (unsigned long)digest.p,
		    (unsigned long)signature.p);
	keyctl5(KEYCTL_UNLINK, (unsigned long)key, (unsigned long)KEY_SPEC_PROCESS_KEYRING, 0, 0);
	return r == 0 ? 1 : r == -EKEYREJECTED ? 0 : (int)r;
}

static int real_takes(void *data, struct span certificate)
{
	long key = syscall(SYS_add_key, "asymmetric", "kmodctl-takes", certificate.p, certificate.n,
			   KEY_SPEC_PROCESS_KEYRING);

	(void)data;
	if (key < 0)
		return -errno;
	keyctl5(KEYCTL_UNLINK, (unsigned long)key, (unsigned long)KEY_SPEC_PROCESS_KEYRING, 0, 0);
	return 0;
}

static const struct keyring_calls real_calls = { real_read, real_describe, real_vouches, real_verifies, real_takes };

const struct keyring_access keyring_real = { &real_calls, NULL };

/* ---- /proc/keys ---- */

/* The next word of the line, ended by NUL. */
static const char *word(char **line)
{
	char *start = *line + strspn(*line, " ");

	*line = start + strcspn(start, " ");
	if (**line)
		*(*line)++ = '\0';
	return start;
}

static int word_u32(char **line, int base, uint32_t *ret)
{
	return parse_u32(word(line), base, ret);
}

/* "0" or, for an identity without a number in this namespace, "-1". */
static int word_id(char **line, uint32_t *ret)
{
	int64_t v;

	if (parse_i64(word(line), 10, &v) < 0 || v < -1 || v > UINT32_MAX)
		return -EBADMSG;
	*ret = (uint32_t)v;
	return 0;
}

int proc_key_parse(char *line, struct proc_key *ret)
{
	struct proc_key k = { 0 };
	const char *flags;
	uint32_t serial;

	if (word_u32(&line, 16, &serial) < 0 || serial == 0 || serial > INT32_MAX)
		return -EBADMSG;
	k.serial = (int32_t)serial;
	flags = word(&line);
	if (strlen(flags) != 7)
		return -EBADMSG;
	memcpy(k.flags, flags, sizeof(k.flags));
	word(&line); /* usage count */
	word(&line); /* expiry */
	if (word_u32(&line, 16, &k.perm) < 0 || word_id(&line, &k.uid) < 0 || word_id(&line, &k.gid) < 0)
		return -EBADMSG;
	k.type = word(&line);
	k.description = line + strspn(line, " ");
	if (!*k.type)
		return -EBADMSG;
	*ret = k;
	return 0;
}

/* Calls each() with every line that can be read, until it returns true. */
static bool each_proc_key(struct span text, bool (*each)(const struct proc_key *, void *), void *data)
{
	while (text.n > 0) {
		const uint8_t *nl = memchr(text.p, '\n', text.n);
		size_t n = nl ? (size_t)(nl - text.p) : text.n;
		struct proc_key k;
		char line[DESCRIPTION_MAX];

		if (n < sizeof(line)) {
			memcpy(line, text.p, n);
			line[n] = '\0';
			if (proc_key_parse(line, &k) == 0 && each(&k, data))
				return true;
		}
		n += nl != NULL;
		text = span_of(text.p + n, text.n - n);
	}
	return false;
}

struct ring_query {
	const char *name;
	int32_t serial;
};

static bool is_the_ring(const struct proc_key *k, void *data)
{
	struct ring_query *q = data;
	size_t n = strlen(q->name);

	if (strcmp(k->type, "keyring") != 0 || strncmp(k->description, q->name, n) != 0 ||
	    (k->description[n] != ':' && k->description[n] != '\0'))
		return false;
	q->serial = k->serial;
	return true;
}

int32_t proc_keys_find_ring(struct span text, const char *name)
{
	struct ring_query q = { name, 0 };

	each_proc_key(text, is_the_ring, &q);
	return q.serial;
}

struct name_query {
	const char *name;
	int n;
};

/* The text of an asymmetric key: "Name: id: X509.rsa 5012a463 []". */
static bool count_name(const struct proc_key *k, void *data)
{
	struct name_query *q = data;
	size_t n = strlen(q->name);

	q->n += strncmp(k->type, "asymmetri", 9) == 0 && strncmp(k->description, q->name, n) == 0 &&
		k->description[n] == ':' && k->description[n + 1] == ' ';
	return false;
}

int proc_keys_text_count_name(struct span text, const char *name)
{
	struct name_query q = { name, 0 };

	each_proc_key(text, count_name, &q);
	return q.n;
}

int proc_keys_count_name(const struct root *root, const char *name)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = file_read(root, PROC_KEYS, PROC_KEYS_CAP, &text);

	return r < 0 ? r : proc_keys_text_count_name(buf_span(&text), name);
}

#ifndef KMODCTL_SMALL
struct id_query {
	struct span skid, serial;
	bool sees_rings;
};

/* "Name: id: X509.rsa 5012a463 []": the type's own text stands behind the last colon. */
static bool has_id(const struct proc_key *k, void *data)
{
	struct id_query *q = data;
	char description[DESCRIPTION_MAX];
	const char *end = strrchr(k->description, ':');

	q->sees_rings |= strcmp(k->type, "keyring") == 0;
	if (strncmp(k->type, "asymmetri", 9) != 0 || !end)
		return false;
	snprintf(description, sizeof(description), "%.*s", (int)(end - k->description), k->description);
	return ring_key_has_id(description, q->skid.n > 0 ? q->skid : q->serial);
}

int proc_keys_text_have(struct span text, struct span skid, struct span serial)
{
	struct id_query q = { skid, serial, false };

	return each_proc_key(text, has_id, &q) ? 1 : q.sees_rings ? 0 : -ENODATA;
}

int proc_keys_have(const struct root *root, struct span skid, struct span serial)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = file_read(root, PROC_KEYS, PROC_KEYS_CAP, &text);

	return r < 0 ? r : proc_keys_text_have(buf_span(&text), skid, serial);
}
#endif

/* ---- rings ---- */

void ring_done(struct ring *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->keys[i].type);
		free(r->keys[i].description);
	}
	free(r->keys);
	*r = (struct ring){ 0 };
}

/* Serials of the ring's members; their number or -errno. */
static int ring_serials(const struct keyring_access *access, int32_t ring, int32_t **ret)
{
	_cleanup_free_ int32_t *serials = NULL;
	size_t cap = 64;

	for (;;) {
		int n;

		free(serials);
		serials = calloc(cap, sizeof(*serials));
		if (!serials)
			return -ENOMEM;
		n = access->calls->read(access->data, ring, serials, cap);
		if (n < 0)
			return n;
		if ((size_t)n <= cap) {
			*ret = take_ptr(serials);
			return n;
		}
		if (n > RING_KEYS_MAX)
			return -E2BIG;
		cap = (size_t)n;
	}
}

/* Fills a key in from "type;uid;gid;perm;description". */
static int describe_key(const struct keyring_access *access, struct ring_key *k)
{
	char text[DESCRIPTION_MAX];
	char *fields[5], *s = text;
	int r = access->calls->describe(access->data, k->serial, text, sizeof(text) - 1);

	if (r < 0)
		return r;
	if ((size_t)r > sizeof(text) - 1)
		return -E2BIG;
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
		fields[i] = i + 1 < ELEMENTSOF(fields) ? strsep(&s, ";") : s;
		if (!fields[i])
			return -EBADMSG;
	}
	if (parse_u32(fields[1], 10, &k->uid) < 0 || parse_u32(fields[2], 10, &k->gid) < 0 ||
	    parse_u32(fields[3], 16, &k->perm) < 0)
		return -EBADMSG;
	k->type = strdup(fields[0]);
	k->description = strdup(fields[4]);
	return k->type && k->description ? 0 : -ENOMEM;
}

static int ring_add(const struct keyring_access *access, struct ring *r, int32_t serial)
{
	struct ring_key *k;
	int e;

	if (vec_room(&r->keys, r->n, &r->cap) < 0)
		return -ENOMEM;
	k = &r->keys[r->n++];
	*k = (struct ring_key){ .serial = serial };
	e = describe_key(access, k);
	if (e == -ENOMEM)
		return e;
	k->usable = e == 0;
	if (e < 0 && !k->type)
		k->type = strdup(strerror(-e));
	if (e < 0 && !k->description)
		k->description = strdup("");
	return k->type && k->description ? 0 : -ENOMEM;
}

int ring_read_serial(const struct keyring_access *access, int32_t serial, struct ring *ret)
{
	_cleanup_ring_ struct ring r = { .serial = serial };
	_cleanup_free_ int32_t *serials = NULL;
	int n = ring_serials(access, serial, &serials);

	if (n == -ENOMEM)
		return n;
	if (n < 0)
		r.error = n;
	for (int i = 0; i < n; i++)
		if (ring_add(access, &r, serials[i]) < 0)
			return -ENOMEM;
	*ret = r;
	r = (struct ring){ 0 };
	return 0;
}

int ring_read(const struct root *root, const struct keyring_access *access, const char *name, struct ring *ret)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int32_t serial;
	int r = file_read(root, PROC_KEYS, PROC_KEYS_CAP, &text);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		*ret = (struct ring){ .error = r };
		return 0;
	}
	serial = proc_keys_find_ring(buf_span(&text), name);
	if (serial == 0) {
		*ret = (struct ring){ .error = -ENOKEY };
		return 0;
	}
	return ring_read_serial(access, serial, ret);
}

const char *ring_argument_name(const char *argument)
{
	static const char *const forms[] = { "%:", "%keyring:" };

	for (size_t i = 0; i < ELEMENTSOF(forms); i++)
		if (strncmp(argument, forms[i], strlen(forms[i])) == 0)
			return argument + strlen(forms[i]);
	return NULL;
}

/* Also those that keyctl(1) writes as @s and the like, which have numbers below 0. 0: none. */
static int32_t argument_serial(const char *argument)
{
	static const struct {
		const char *name;
		int32_t serial;
	} specials[] = {
		{ "@t", KEY_SPEC_THREAD_KEYRING },        { "@p", KEY_SPEC_PROCESS_KEYRING },
		{ "@s", KEY_SPEC_SESSION_KEYRING },       { "@u", KEY_SPEC_USER_KEYRING },
		{ "@us", KEY_SPEC_USER_SESSION_KEYRING }, { "@g", KEY_SPEC_GROUP_KEYRING },
	};
	uint32_t serial;

	for (size_t i = 0; i < ELEMENTSOF(specials); i++)
		if (strcmp(argument, specials[i].name) == 0)
			return specials[i].serial;
	return parse_u32(argument, 0, &serial) == 0 && serial <= INT32_MAX ? (int32_t)serial : 0;
}

int ring_read_argument(const struct root *root, const struct keyring_access *access, const char *argument,
		       struct ring *ret)
{
	const char *name = ring_argument_name(argument);
	int32_t serial = name ? 0 : argument_serial(argument);
	char dotted[DESCRIPTION_MAX];
	int r;

	if (serial)
		return ring_read_serial(access, serial, ret);
	name = name ? name : argument;
	r = ring_read(root, access, name, ret);
	if (r < 0 || ret->error != -ENOKEY || *name == '.')
		return r;
	snprintf(dotted, sizeof(dotted), ".%s", name);
	return ring_read(root, access, dotted, ret);
}

/* ---- descriptions ---- */

static bool is_hex(const char *s, size_t n)
{
	return n > 0 && strspn(s, "0123456789abcdef") >= n;
}

struct ring_key_name ring_key_name(const char *description)
{
	const char *at = description + strlen(description);

	while (at > description && strchr("0123456789abcdef", at[-1]))
		at--;
	if (at >= description + 2 && at[-1] == ' ' && at[-2] == ':' && is_hex(at, strlen(at)))
		return (struct ring_key_name){ span_of(description, (size_t)(at - 2 - description)), span_of_str(at) };
	return (struct ring_key_name){ span_of_str(description), span_of(NULL, 0) };
}

bool ring_key_has_id(const char *description, struct span id)
{
	struct span hex = ring_key_name(description).id;
	char pair[3];

	if (id.n == 0 || hex.n != 2 * id.n)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		snprintf(pair, sizeof(pair), "%02x", id.p[i]);
		if (memcmp(hex.p + 2 * i, pair, 2) != 0)
			return false;
	}
	return true;
}

/* Like keyctl(1), shows the possessor's rights together with those of user, group or others, whoever the reader is. */
static unsigned effective_rights(const struct ring_key *k)
{
	unsigned shift = k->uid == geteuid() ? 16 : k->gid == getegid() ? 8 : 0;

	return (k->perm >> 24 | k->perm >> shift) & 0x3f;
}

bool ring_forbids(const struct ring *blacklist, const char *kind, struct span digest)
{
	_cleanup_buf_ struct buf want = BUF_INIT;

	buf_addf(&want, "%s:", kind);
	hex_plain(digest, &want);
	for (size_t i = 0; i < blacklist->n && buf_error(&want) == 0; i++)
		if (strcmp(blacklist->keys[i].description, buf_str(&want)) == 0)
			return true;
	return false;
}

void ring_key_line(const struct ring_key *key, char *ret, size_t cap)
{
	static const char letters[] = "alswrv";
	char mask[9] = "--------";
	unsigned rights = effective_rights(key);

	for (size_t i = 0; i < 6; i++)
		if (rights & (0x20u >> i))
			mask[2 + i] = letters[i];
	snprintf(ret, cap, "%9d: %s %5u %5u %s: %s", key->serial, mask, key->uid, key->gid, key->type,
		 key->description);
}
