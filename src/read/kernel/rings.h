/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Key rings of the running kernel: the text of /proc/keys (proc_keys(5)) and, to find out which key is in which ring,
 * keyctl(2). The system call is used directly; no library is linked.
 *
 * The text lists every key the reader may see, rings included, but not the members of a ring: that takes KEYCTL_READ.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/root.h"
#include "base/span.h"

/* The last three may be NULL. */
struct keyring_calls {
	/* Serials in the ring; returns how many there are (even if they do not fit into n), or -errno. */
	int (*read)(void *data, int32_t ring, int32_t *ret, size_t n);
	/* "type;uid;gid;perm;description" and NUL; returns the length needed with NUL, or -errno. */
	int (*describe)(void *data, int32_t key, char *ret, size_t cap);
	/*
	 * Would these rings of the kernel vouch for the certificate? Tried with a private ring that is restricted to
	 * them: 1 yes, 0 no (the kernel's -ENOKEY), or -errno when it could not be tried.
	 */
	int (*vouches)(void *data, const char *restriction, struct span certificate);
	/*
	 * Does the kernel's crypto accept this signature of the digest by the certificate's key? how: "enc=pkcs1
	 * hash=sha256" (keyctl_pkey_verify(3)). 1 yes, 0 no, or -errno when it could not be tried.
	 */
	int (*verifies)(void *data, struct span certificate, const char *how, struct span digest,
			struct span signature);
	/*
	 * Does the kernel take the certificate on a private ring, which is gone afterwards? 0 yes. -ENOPKG, -EBADMSG,
	 * -EINVAL, -ENOENT, -EKEYREJECTED: no. Other errors: it could not be tried.
	 */
	int (*takes)(void *data, struct span certificate);
};

struct keyring_access {
	const struct keyring_calls *calls;
	void *data;
};

extern const struct keyring_access keyring_real;

struct ring_key {
	int32_t serial;
	uint32_t perm;
	uint32_t uid, gid;
	char *type; /* "asymmetric", "keyring", "blacklist", ... whole if read by keyctl, else cut to 9 characters */
	char *description; /* without the type's own text after it, when read with keyctl */
	bool usable;       /* neither revoked nor expired nor negative */
};

struct ring {
	int32_t serial; /* 0: this kernel has no such ring, or it may not be seen */
	int error;      /* 0, -ENOKEY: not there, else why it could not be read */
	struct ring_key *keys;
	size_t n, cap;
};

/* One line of /proc/keys. Strings borrowed from the line, which is cut up. */
struct proc_key {
	int32_t serial;
	char flags[8];
	uint32_t perm, uid, gid;
	const char *type;
	const char *description; /* with the type's text: ": 3", ": X509.rsa 5012a463 []" */
};

/* 0, or -EBADMSG: not a line of /proc/keys. */
int proc_key_parse(char *line, struct proc_key *ret);
/*
 * The serial of a ring by its name (".machine") in the text of /proc/keys; 0: not there. Of several rings with one
 * name the first is taken, as by keyctl(1).
 */
int32_t proc_keys_find_ring(struct span text, const char *name);

/*
 * The keys of the named ring, not of the rings linked in it (those are entries of type "keyring"). The result can
 * always be used: with ->error set it is empty. The only error returned is -ENOMEM.
 */
int ring_read(const struct root *root, const struct keyring_access *access, const char *name, struct ring *ret);
/* The NAME of "%:NAME" and "%keyring:NAME" (keyctl(1)), or NULL: it is not of that form. */
const char *ring_argument_name(const char *argument);
/*
 * The ring that an argument of keyctl(1) means: that form, a serial number, or one of a process: @t @p @s @u @us @g.
 * A name by itself is taken as well, and the dot at its beginning can be left out. As ring_read().
 */
int ring_read_argument(const struct root *root, const struct keyring_access *access, const char *argument,
		       struct ring *ret);
/* The same by serial number. */
int ring_read_serial(const struct keyring_access *access, int32_t serial, struct ring *ret);
void ring_done(struct ring *r);

/* The parts of an asymmetric key's description: "Name: 5fcb...", the name of n bytes, and the key id in hex. */
struct ring_key_name {
	struct span name;
	struct span id; /* hex digits; empty when there are none */
};
struct ring_key_name ring_key_name(const char *description);
/* True when the description's id is the whole of these bytes. */
bool ring_key_has_id(const char *description, struct span id);

/*
 * How many asymmetric keys in /proc/keys have this name? For callers that may not link a crypto library and know only
 * the signer's name. -errno when the file cannot be read.
 */
int proc_keys_count_name(const struct root *root, const char *name);
int proc_keys_text_count_name(struct span text, const char *name);
/*
 * Is a certificate's key on a ring? Asymmetric keys bear its subject key identifier, or else its serial number. 1; 0:
 * rings are shown, and none has it; -ENODATA: no ring is shown; or the error of reading /proc/keys.
 */
int proc_keys_have(const struct root *root, struct span skid, struct span serial);
int proc_keys_text_have(struct span text, struct span skid, struct span serial);

/* Has .blacklist this digest, as "KIND:HEX"? Kinds: "bin" of files, "tbs" of what is signed of a certificate. */
bool ring_forbids(const struct ring *blacklist, const char *kind, struct span digest);
/* As keyctl list prints an entry: "265061799: ---lswrv     0     0 asymmetric: Name: id". */
void ring_key_line(const struct ring_key *key, char *ret, size_t cap);

#define _cleanup_ring_ _cleanup_(ring_done)
