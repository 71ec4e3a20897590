// SPDX-License-Identifier: MIT
#include "act/sign/auth.h"

#include <errno.h>
#include <time.h>

#include "act/sign/cms.h"

#define WIN_CERT_REVISION 0x0200
#define WIN_CERT_TYPE_EFI_GUID 0x0ef1
#define WIN_CERT_HEADER 24 /* length, revision, type, GUID */

static void put_le16(struct buf *b, unsigned v)
{
	buf_addc(b, (char)(v & 0xff));
	buf_addc(b, (char)(v >> 8 & 0xff));
}

static void put_le32(struct buf *b, uint32_t v)
{
	put_le16(b, v & 0xffff);
	put_le16(b, v >> 16);
}

/* EFI_TIME; for authenticated variables all fields from the nanoseconds on are zero. */
static int put_time(struct buf *b, int64_t when)
{
	const uint8_t zero[8] = { 0 };
	time_t t = (time_t)when;
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		return -EOVERFLOW;
	put_le16(b, (unsigned)tm.tm_year + 1900);
	buf_addc(b, (char)(tm.tm_mon + 1));
	buf_addc(b, (char)tm.tm_mday);
	buf_addc(b, (char)tm.tm_hour);
	buf_addc(b, (char)tm.tm_min);
	buf_addc(b, (char)tm.tm_sec);
	buf_addc(b, 0);
	return buf_add(b, zero, sizeof(zero));
}

/* What the signature covers: name (UCS-2, no terminator), vendor, attributes, time, payload. */
static int put_signed_part(struct buf *b, const struct auth_request *q, struct span time)
{
	for (const char *c = q->variable; *c; c++)
		put_le16(b, (unsigned char)*c);
	buf_add(b, q->vendor, sizeof(q->vendor));
	put_le32(b, AUTH_APPEND_ATTRIBUTES);
	buf_add(b, time.p, time.n);
	return buf_add(b, q->payload.p, q->payload.n);
}

static int put_blob(struct buf *ret, const struct auth_request *q, struct span time, struct span message)
{
	/* EFI_CERT_TYPE_PKCS7_GUID 4aafd29d-68df-49ee-8aa9-347d375665a7 */
	static const uint8_t pkcs7[AUTH_GUID_LEN] = { 0x9d, 0xd2, 0xaf, 0x4a, 0xdf, 0x68, 0xee, 0x49,
						      0x8a, 0xa9, 0x34, 0x7d, 0x37, 0x56, 0x65, 0xa7 };

	buf_add(ret, time.p, time.n);
	put_le32(ret, (uint32_t)(WIN_CERT_HEADER + message.n));
	put_le16(ret, WIN_CERT_REVISION);
	put_le16(ret, WIN_CERT_TYPE_EFI_GUID);
	buf_add(ret, pkcs7, sizeof(pkcs7));
	buf_add(ret, message.p, message.n);
	return buf_add(ret, q->payload.p, q->payload.n);
}

int auth_append_blob(const struct auth_request *q, const struct key *key, const struct cert *cert, struct diag *diag,
		     struct buf *ret)
{
	_cleanup_(cms_signing_free_p) struct cms_signing *signing = NULL;
	_cleanup_buf_ struct buf time = BUF_INIT, data = BUF_INIT, message = BUF_INIT;
	int r = put_time(&time, q->time);

	if (r == 0)
		r = put_signed_part(&data, q, buf_span(&time));
	if (r == 0)
		r = cms_signing_new(key, cert, NULL, "sha256", CMS_WITH_CERTIFICATE | CMS_BARE, diag, &signing);
	if (r == 0)
		r = cms_sign(signing, buf_span(&data), diag, &message);
	return r < 0 ? r : put_blob(ret, q, buf_span(&time), buf_span(&message));
}
