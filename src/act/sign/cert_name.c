// SPDX-License-Identifier: MIT
/* Names of certificates as text. */
#include "act/sign/cert.h"

#include <errno.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "read/image/siginfo.h"

#define UTF8 (~(unsigned long)ASN1_STRFLGS_ESC_MSB)

int cert_name(const struct cert *c, struct buf *ret)
{
	return siginfo_ring_name(cert_subject(c), ret);
}

/* Takes over what was written to it. */
static int take_text(BIO *bio, struct buf *ret)
{
	char *bytes;
	long n = BIO_get_mem_data(bio, &bytes);

	buf_add(ret, bytes, (size_t)n);
	BIO_free(bio);
	return buf_error(ret);
}

static int name_text(const X509_NAME *name, unsigned long flags, struct buf *ret)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (!bio)
		return -ENOMEM;
	X509_NAME_print_ex(bio, name, 0, flags & UTF8);
	return take_text(bio, ret);
}

int cert_subject_text(const struct cert *c, struct buf *ret)
{
	return name_text(X509_get_subject_name(cert_x509(c)), XN_FLAG_ONELINE, ret);
}

int cert_issuer_text(const struct cert *c, struct buf *ret)
{
	return name_text(X509_get_issuer_name(cert_x509(c)), XN_FLAG_ONELINE, ret);
}

int cert_brief_name(const struct cert *c, struct buf *ret)
{
	const X509_NAME *subject = X509_get_subject_name(cert_x509(c));
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	BIO *bio;

	/* Headers before OpenSSL 3.2 have blanks around "=" in XN_FLAG_ONELINE. */
	if (at < 0)
		return name_text(subject, XN_FLAG_ONELINE & ~(unsigned long)XN_FLAG_SPC_EQ, ret);
	bio = BIO_new(BIO_s_mem());
	if (!bio)
		return -ENOMEM;
	ASN1_STRING_print_ex(bio, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)),
			     ASN1_STRFLGS_RFC2253 & UTF8);
	return take_text(bio, ret);
}
