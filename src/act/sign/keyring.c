// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/vec.h"
#include "act/sign/cert.h"
#include "act/sign/cert_kernel.h"
#include "act/sign/file_kind.h"
#include "act/sign/keyring.h"

int keyring_take(struct keyring *ring, struct cert *c)
{
	if (vec_room(&ring->certs, ring->n, &ring->cap) < 0) {
		cert_free(c);
		return -ENOMEM;
	}
	ring->certs[ring->n++] = c;
	return 0;
}

void keyring_judge(struct keyring *ring, const struct kernel_target *kernel)
{
	for (size_t i = 0; i < ring->n; i++) {
		struct cert_standing standing;

		cert_judge(ring->certs[i], kernel, &standing);
		cert_keep_standing(ring->certs[i], &standing);
	}
}

void keyring_done(struct keyring *ring)
{
	for (size_t i = 0; i < ring->n; i++)
		cert_free(ring->certs[i]);
	free(ring->certs);
	*ring = (struct keyring){ 0 };
}

static int take(void *ring, struct cert *c)
{
	return keyring_take(ring, c);
}

int keyring_add_file(struct keyring *ring, const struct root *root, const char *path, struct diag *diag)
{
	return cert_load_each(root, path, diag, take, ring);
}

static bool is_certificate_name(const char *name)
{
	/* mok.pub is DKMS's name for a certificate in DER */
	static const char *const endings[] = { ".der", ".pem", ".crt", ".cer", ".x509", ".pub" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < ELEMENTSOF(endings); i++)
		if (strcasecmp(dot, endings[i]) == 0)
			return true;
	return false;
}

static int list_certificates(const struct root *root, const char *path, struct strv *ret)
{
	_cleanup_closedir_ DIR *dir = NULL;
	struct dirent *entry;
	int r = root_opendir(root, path, &dir);

	if (r < 0)
		return r;
	while ((entry = readdir(dir))) {
		_cleanup_buf_ struct buf full = BUF_INIT;

		if (!is_certificate_name(entry->d_name))
			continue;
		r = buf_addf(&full, "%s/%s", path, entry->d_name);
		if (r == 0)
			r = strv_add(ret, buf_str(&full));
		if (r < 0)
			return r;
	}
	strv_sort(ret, 0);
	return 0;
}

/* A public key, which is passed over, may be named .pub as well. */
static int add_member(struct keyring *ring, const struct root *root, const char *path, struct diag *diag)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	bool passed = strcasecmp(strrchr(path, '.'), ".pub") == 0 && file_read(root, path, CERT_FILE_MAX, &b) == 0 &&
		      file_is_public_key(buf_span(&b));

	return passed ? 0 : keyring_add_file(ring, root, path, diag);
}

int keyring_add_directory(struct keyring *ring, const struct root *root, const char *path, struct diag *diag)
{
	_cleanup_strv_ struct strv files = { 0 };
	int r = list_certificates(root, path, &files);

	if (r < 0) {
		diag_err(diag, "sign.keyring-unreadable", "%s: cannot read the directory of certificates: %s", path,
			 strerror(-r));
		return r;
	}
	for (size_t i = 0; i < files.n; i++) {
		r = add_member(ring, root, files.items[i], diag);
		if (r == -ENOMEM)
			return r;
		ring->left_out += r < 0;
	}
	return 0;
}
