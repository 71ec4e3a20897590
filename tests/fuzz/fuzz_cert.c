// SPDX-License-Identifier: MIT
/* A certificate file, DER or PEM: everything that is asked of one. */
#include <stdlib.h>

#include "base/buf.h"
#include "act/sign/cert.h"
#include "act/sign/cert_kernel.h"
#include "act/sign/file_kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct cert *c)
{
	_cleanup_buf_ struct buf name = BUF_INIT, subject = BUF_INIT, issuer = BUF_INIT, pem = BUF_INIT;
	struct cert_facts facts;
	struct cert_standing standing;

	cert_facts(c, 1700000000, &facts);
	for (unsigned bit = 1; bit; bit <<= 1)
		if ((cert_problems(&facts) & bit) && !cert_problem_text(bit))
			abort();
	cert_judged(c, 612, &standing);
	if (standing.usable != !*standing.reason)
		abort();
	if (cert_name(c, &name) < 0 || cert_subject_text(c, &subject) < 0 || cert_issuer_text(c, &issuer) < 0 ||
	    cert_write_pem(c, &pem) < 0)
		return;
	if (cert_serial_id(c).n > cert_serial(c).n || cert_der(c).n == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cert *c;

	file_report_kind(span_of(data, size), "fuzz", WANT_EITHER, "fuzz.kind", NULL);
	if (cert_parse(span_of(data, size), "fuzz", NULL, &c) == 0) {
		ask(c);
		cert_free(c);
	}
	return 0;
}
