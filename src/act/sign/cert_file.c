// SPDX-License-Identifier: MIT
/* Reads certificates from files, and reports what is there instead. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "act/sign/cert.h"
#include "act/sign/file_kind.h"
#include "base/fileio.h"

static int report_none(struct span bytes, const char *label, struct diag *diag)
{
	file_report_kind(bytes, label, WANT_CERTIFICATE, "sign.certificate-bad", diag);
	return -EBADMSG;
}

int cert_parse(struct span bytes, const char *label, struct diag *diag, struct cert **ret)
{
	struct span rest = bytes;
	int r = cert_next(&rest, label, ret);

	return r > 0 ? 0 : r == -ENOMEM ? r : report_none(bytes, label, diag);
}

static int read_file(const struct root *root, const char *path, struct diag *diag, struct buf *into)
{
	int r;

	/* The URI, which may have a PIN in it, is not shown. */
	if (strncasecmp(path, "pkcs11:", 7) == 0) {
		diag_err(diag, "sign.certificate-unreadable",
			 "a certificate is read from a file, not from a token; copy it: pkcs11-tool --read-object "
			 "--type cert --label NAME --output-file FILE");
		return -EOPNOTSUPP;
	}
	r = file_read(root, path, CERT_FILE_MAX, into);
	if (r == -EFBIG)
		diag_err(diag, "sign.certificate-unreadable", "%s: too large to be a certificate", path);
	else if (r < 0)
		diag_err(diag, "sign.certificate-unreadable", "%s: cannot read the certificate: %s", path,
			 file_strerror(r));
	return r;
}

int cert_load_each(const struct root *root, const char *path, struct diag *diag,
		   int (*take)(void *data, struct cert *c), void *data)
{
	_cleanup_buf_ struct buf b = BUF_INIT, label = BUF_INIT;
	unsigned n = 1;
	struct span rest;
	struct cert *c;
	int r = read_file(root, path, diag, &b);

	if (r < 0)
		return r;
	rest = buf_span(&b);
	r = buf_adds(&label, path);
	while (r == 0 && (r = cert_next(&rest, buf_str(&label), &c)) == 1) {
		r = take(data, c);
		buf_clear(&label);
		if (r == 0)
			r = buf_addf(&label, "%s, certificate %u", path, ++n);
	}
	if (r == -EBADMSG && n > 1)
		diag_err(diag, "sign.certificate-bad", "%s is damaged", buf_str(&label));
	else if ((r == 0 && n == 1) || r == -EBADMSG)
		r = report_none(buf_span(&b), path, diag);
	return r;
}

struct first {
	struct cert *cert;
	unsigned others;
};

static int take_first(void *data, struct cert *c)
{
	struct first *f = data;

	if (f->cert) {
		f->others++;
		cert_free(c);
	} else {
		f->cert = c;
	}
	return 0;
}

int cert_load(const struct root *root, const char *path, struct diag *diag, struct cert **ret)
{
	struct first f = { 0 };
	int r = cert_load_each(root, path, diag, take_first, &f);

	if (r < 0) {
		cert_free(f.cert);
		return r;
	}
	if (f.others)
		diag_warn(diag, "sign.certificate-several", "%s: contains %u certificates; only the first one is used",
			  path, f.others + 1);
	*ret = f.cert;
	return 0;
}
