// SPDX-License-Identifier: MIT
#include "act/sign/file_kind.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "read/efi/siglist.h"

enum kind {
	KIND_OTHER,
	KIND_EMPTY,
	KIND_CERTIFICATE,
	KIND_TRUSTED,
	KIND_KEY,
	KIND_PUBLIC_KEY,
	KIND_REQUEST,
	KIND_CRL,
	KIND_PKCS7,
	KIND_PKCS12,
	KIND_SSH_KEY,
	KIND_SSH_PUBLIC,
	KIND_PGP,
	KIND_EFI_LIST,
	KIND_EFI_UPDATE,
	KIND_ELF,
	KIND_EFI_PROGRAM,
};

/* commands: up to "%s", the path, and behind it. NULL: nothing makes the wanted thing of it. */
static const struct {
	const char *what;
	const char *commands[2][2]; /* by enum file_want */
} kinds[] = {
	[KIND_EMPTY] = { "is empty", { { NULL } } },
	[KIND_CERTIFICATE] = { "is a certificate, not the private key that belongs to it", { { NULL } } },
	[KIND_TRUSTED] = { "is a trusted certificate of OpenSSL, which has settings added to it",
			   { { "openssl x509 -in ", " -out CERT.pem" }, { NULL } } },
	[KIND_KEY] = { "is a private key, not the certificate that belongs to it", { { NULL } } },
	[KIND_PUBLIC_KEY] = { "is a public key, without a certificate (openssl req -x509 -new -key KEY.pem -out "
			      "CERT.pem makes one)",
			      { { NULL } } },
	[KIND_REQUEST] = { "is a certificate request, not a certificate",
			   { { "openssl x509 -req -days 3650 -signkey KEY.pem -in ", " -out CERT.pem" }, { NULL } } },
	[KIND_CRL] = { "is a list of revoked certificates", { { NULL } } },
	[KIND_PKCS7] = { "is a PKCS#7 bundle of certificates",
			 { { "openssl pkcs7 -print_certs -in ", " -out CERT.pem" }, { NULL } } },
	[KIND_PKCS12] = { "is a PKCS#12 file with a key and its certificate",
			  { { "openssl pkcs12 -nokeys -in ", " -out CERT.pem" },
			    { "openssl pkcs12 -nocerts -in ", " -out KEY.pem" } } },
	[KIND_SSH_KEY] = { "is a private key in the form of OpenSSH",
			   { { NULL }, { "ssh-keygen -p -m PKCS8 -f ", "" } } },
	[KIND_SSH_PUBLIC] = { "is a public key of OpenSSH", { { NULL } } },
	[KIND_PGP] = { "is an OpenPGP key; kernels check X.509 only", { { NULL } } },
	[KIND_EFI_LIST] = { "is an EFI signature list", { { "sig-list-to-certs ", " CERT" }, { NULL } } },
	[KIND_EFI_UPDATE] = { "is an authenticated update of an EFI variable", { { NULL } } },
	[KIND_ELF] = { "is an ELF file, a module or program", { { NULL } } },
	[KIND_EFI_PROGRAM] = { "is an EFI program or a kernel", { { NULL } } },
};

/* ---- PEM and other text ---- */

static enum kind kind_of_text(struct span bytes)
{
	static const struct {
		const char *text;
		enum kind kind;
	} marks[] = {
		{ "-----BEGIN OPENSSH PRIVATE KEY-----", KIND_SSH_KEY },
		{ "-----BEGIN TRUSTED CERTIFICATE-----", KIND_TRUSTED },
		{ "-----BEGIN CERTIFICATE REQUEST-----", KIND_REQUEST },
		{ "-----BEGIN NEW CERTIFICATE REQUEST-----", KIND_REQUEST },
		{ "-----BEGIN PKCS7-----", KIND_PKCS7 },
		{ "-----BEGIN CMS-----", KIND_PKCS7 },
		{ "-----BEGIN PGP ", KIND_PGP },
		{ "---- BEGIN SSH2 PUBLIC KEY ----", KIND_SSH_PUBLIC },
		{ " PUBLIC KEY-----", KIND_PUBLIC_KEY },
		{ "-----BEGIN X509 CRL-----", KIND_CRL },
		{ "PRIVATE KEY-----", KIND_KEY },
		{ "-----BEGIN CERTIFICATE-----", KIND_CERTIFICATE },
		{ "-----BEGIN X509 CERTIFICATE-----", KIND_CERTIFICATE },
	};
	static const char *const ssh[] = { "ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-", "ssh-dss " };

	for (size_t i = 0; i < ELEMENTSOF(marks); i++)
		if (memmem(bytes.p, bytes.n, marks[i].text, strlen(marks[i].text)))
			return marks[i].kind;
	for (size_t i = 0; i < ELEMENTSOF(ssh); i++)
		if (span_starts(bytes, ssh[i], strlen(ssh[i])))
			return KIND_SSH_PUBLIC;
	return KIND_OTHER;
}

/* ---- DER ---- */

/* Does libcrypto read it so? The object is released at once. */
#define READS_AS(type, bytes)                                            \
	({                                                               \
		const unsigned char *at_ = (bytes).p;                    \
		type *object_ = d2i_##type(NULL, &at_, (long)(bytes).n); \
		type##_free(object_);                                    \
		object_ != NULL;                                         \
	})

bool file_is_pkcs12(struct span bytes)
{
	bool is = bytes.n > 0 && bytes.n <= INT_MAX && READS_AS(PKCS12, bytes);

	ERR_clear_error();
	return is;
}

static bool is_public_key(struct span bytes)
{
	const unsigned char *at = bytes.p;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)bytes.n);

	EVP_PKEY_free(key);
	return key;
}

static bool is_private_key(struct span bytes)
{
	const unsigned char *at = bytes.p;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)bytes.n);

	EVP_PKEY_free(key);
	return key || READS_AS(X509_SIG, bytes);
}

static enum kind kind_of_der(struct span bytes)
{
	return READS_AS(X509, bytes)     ? KIND_CERTIFICATE :
	       READS_AS(PKCS12, bytes)   ? KIND_PKCS12 :
	       READS_AS(PKCS7, bytes)    ? KIND_PKCS7 :
	       READS_AS(X509_REQ, bytes) ? KIND_REQUEST :
	       READS_AS(X509_CRL, bytes) ? KIND_CRL :
	       is_public_key(bytes)      ? KIND_PUBLIC_KEY :
	       is_private_key(bytes)     ? KIND_KEY :
					   KIND_OTHER;
}

/* ---- EFI ---- */

/* EFI_VARIABLE_AUTHENTICATION_2: a time of 16 octets, then a WIN_CERTIFICATE of revision 2.0 and type EFI_GUID. */
static bool is_efi_update(struct span bytes)
{
	static const uint8_t kind[] = { 0x00, 0x02, 0xf1, 0x0e };
	struct span found;

	return span_sub(bytes, 20, sizeof(kind), &found) == 0 && memcmp(found.p, kind, sizeof(kind)) == 0;
}

static enum kind kind_of(struct span bytes)
{
	enum kind kind = KIND_OTHER;

	if (bytes.n == 0)
		return KIND_EMPTY;
	if (bytes.n <= INT_MAX && bytes.p[0] == 0x30)
		kind = kind_of_der(bytes);
	ERR_clear_error();
	if (kind != KIND_OTHER)
		return kind;
	if (span_starts(bytes, "\177ELF", 4))
		return KIND_ELF;
	if (span_starts(bytes, "MZ", 2))
		return KIND_EFI_PROGRAM;
	if (is_efi_update(bytes))
		return KIND_EFI_UPDATE;
	return siglist_count(bytes) > 0 ? KIND_EFI_LIST : kind_of_text(bytes);
}

bool file_holds_key(struct span bytes)
{
	enum kind kind = kind_of(bytes);

	return kind == KIND_KEY || kind == KIND_SSH_KEY || kind == KIND_PKCS12;
}

bool file_is_public_key(struct span bytes)
{
	enum kind kind = kind_of(bytes);

	return kind == KIND_PUBLIC_KEY || kind == KIND_SSH_PUBLIC;
}

static void report_other(const char *path, enum file_want want, const char *code, struct diag *diag)
{
	if (want == WANT_CERTIFICATE)
		diag_err(diag, code, "%s: contains no X.509 certificate (DER or PEM)", path);
	else if (want == WANT_EITHER)
		diag_err(diag, code, "%s: contains neither a certificate nor a private key", path);
	else
		diag_err(diag, code,
			 "%s: contains no private key that OpenSSL %s can read (PEM or DER, PKCS#8 or traditional)",
			 path, OpenSSL_version(OPENSSL_VERSION_STRING));
}

void file_report_kind(struct span bytes, const char *path, enum file_want want, const char *code, struct diag *diag)
{
	enum kind kind = kind_of(bytes);
	bool der = bytes.n > 0 && bytes.p[0] == 0x30;
	const char *const *command;

	/* One that could be read would not be reported. */
	if (kind == KIND_OTHER || kind == (want == WANT_KEY ? KIND_KEY : KIND_CERTIFICATE)) {
		report_other(path, want, code, diag);
		return;
	}
	command = kinds[kind].commands[want == WANT_KEY];
	if (command[0])
		diag_err(diag, code, "%s: %s; convert it: %s%s%s%s", path, kinds[kind].what, command[0], path,
			 der && (kind == KIND_PKCS7 || kind == KIND_REQUEST) ? " -inform DER" : "", command[1]);
	else
		diag_err(diag, code, "%s: %s", path, kinds[kind].what);
}
