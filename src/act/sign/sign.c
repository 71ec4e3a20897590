// SPDX-License-Identifier: MIT
#include "act/sign/sign.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "base/replace.h"
#include "read/image/codec.h"
#include "read/image/elf.h"
#include "read/image/trailer.h"
#include "act/sign/cms.h"
#include "act/sign/verify.h"

const char *sign_outcome_name(enum sign_outcome outcome)
{
	static const char *const names[SIGN_OUTCOMES] = {
		[SIGN_FAILED] = "failed",     [SIGN_SIGNED] = "signed",   [SIGN_RESIGNED] = "re-signed",
		[SIGN_STRIPPED] = "stripped", [SIGN_SKIPPED] = "skipped", [SIGN_NOT_REACHED] = "not-reached",
	};

	return names[outcome];
}

int sign_add_trailer(struct buf *into, size_t message_length)
{
	static const uint8_t info[8] = { [2] = TRAILER_PKCS7 };

	buf_add(into, info, sizeof(info));
	buf_add_be32(into, (uint32_t)message_length);
	return buf_add(into, TRAILER_MAGIC, TRAILER_MAGIC_LEN);
}

/* ---- the file as it is ---- */

static int check_is_module(struct source *src, const char *path, struct diag *diag)
{
	_cleanup_elf_ struct elf elf = { 0 };
	int r = elf_open(src, &elf);

	if (r == 0 && elf.type == ET_REL && (elf_find(&elf, ".gnu.linkonce.this_module") || elf_find(&elf, ".modinfo")))
		return 0;
	if (r == -ENOMEM)
		return r;
	diag_err(diag, "sign.not-a-module", "%s: not a kernel module, not signed", path);
	return -ENOEXEC;
}

/* The module without signatures, however many were stacked. */
static int find_payload(struct span file, const char *path, struct diag *diag, struct span *ret, bool *ret_signed)
{
	struct trailer t = trailer_read(file);

	*ret_signed = t.state != TRAILER_NONE;
	while (t.state == TRAILER_OK) {
		file = t.payload;
		t = trailer_read(file);
	}
	if (t.state == TRAILER_DAMAGED) {
		diag_err(
			diag, "sign.trailer-damaged",
			"%s: its signature trailer is damaged and hides where the module ends; rebuild or reinstall it",
			path);
		return -EBADMSG;
	}
	*ret = file;
	return 0;
}

/* ---- the new file ---- */

struct product {
	const char *path;
	struct span payload;
	struct chain_kernel kernel; /* that must take it */
	struct buf tail;            /* message and trailer; empty when stripped */
	struct buf packed;          /* all of it compressed, when the file was */
	size_t message;             /* octets of the message */
	enum codec_id codec;
};

static void product_done(struct product *p)
{
	buf_done(&p->tail);
	buf_done(&p->packed);
}

static int pack(struct product *p, struct diag *diag)
{
	const struct codec *codec = codec_by_id(p->codec);
	_cleanup_buf_ struct buf whole = BUF_INIT;
	int r;

	if (!codec)
		return 0;
	buf_add(&whole, p->payload.p, p->payload.n);
	r = buf_add(&whole, p->tail.p, p->tail.n);
	return r < 0 ? r : codec->pack(buf_span(&whole), p->path, diag, &p->packed);
}

static int make_signature(const struct sign_job *job, struct product *p, struct diag *diag)
{
	int r = cms_sign(job->signing, p->payload, diag, &p->tail);

	p->message = p->tail.n;
	return r;
}

static int build(const struct sign_job *job, struct product *p, struct diag *diag)
{
	int r = 0;

	if (job->mode != SIGN_STRIP) {
		r = make_signature(job, p, diag);
		if (r == 0)
			r = sign_add_trailer(&p->tail, p->message);
	}
	return r < 0 ? r : pack(p, diag);
}

static int write_product(struct replacement *r, const struct product *p)
{
	int result;

	if (p->codec != CODEC_NONE) {
		result = replacement_write(r, buf_span(&p->packed));
	} else {
		result = replacement_write(r, p->payload);
		if (result == 0)
			result = replacement_write(r, buf_span(&p->tail));
	}
	return result;
}

/* ---- checking the new file ---- */

static int judge_read_back(const struct sign_job *job, const struct product *p, struct span found, struct diag *diag)
{
	struct verify_result v;
	int r;

	if (job->mode == SIGN_STRIP && span_eq(found, p->payload))
		return 0;
	r = verify_for(found, job->ring, p->kernel, &v);
	if (r < 0)
		return r;
	if (job->mode != SIGN_STRIP && v.state == VERIFY_GOOD)
		return 0;
	diag_err(diag, "sign.check-failed", "%s: the new file does not verify (%s); the old one is kept", p->path,
		 v.cause);
	return -EKEYREJECTED;
}

/* Reads the file that is about to replace the old one, as anyone else would. */
static int read_back(const struct sign_job *job, const struct product *p, const struct replacement *replacement,
		     struct scratch *scratch, struct diag *diag)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	struct span found;
	int r = source_open_fd(replacement->fd, replacement->temporary, scratch, diag, &src);

	if (r == 0)
		r = source_whole(src, &found);
	if (r == 0 && source_codec(src) != p->codec)
		r = -EIO;
	return r < 0 ? r : judge_read_back(job, p, found, diag);
}

static int report_write(const char *path, int r, struct diag *diag)
{
	diag_err(diag, "sign.write", "%s: cannot write: %s; the old file is kept", path, strerror(-r));
	return r;
}

/* Checked before it gets its owner, who may write to it. */
static int replace(const struct sign_job *job, const struct product *p, struct replacement *file,
		   struct scratch *scratch, struct diag *diag)
{
	int r = replacement_begin(file);

	if (r == 0)
		r = write_product(file, p);
	if (r < 0)
		return report_write(p->path, r, diag);
	r = read_back(job, p, file, scratch, diag);
	if (r < 0)
		return r;
	r = replacement_settle(file, 0);
	if (r == 0)
		r = replacement_commit(file);
	return r < 0 ? report_write(p->path, r, diag) : 0;
}

/* Beside the name that was given, also when that is a link. */
static int write_detached(const struct sign_job *job, const struct sign_target *target, struct product *p,
			  struct diag *diag)
{
	_cleanup_buf_ struct buf name = BUF_INIT;
	int r = make_signature(job, p, diag);

	if (r == 0)
		r = buf_addf(&name, "%s.p7s", target->path);
	if (r < 0 || job->dry_run)
		return r;
	r = file_generate(target->root, buf_str(&name), target->top, buf_span(&p->tail), 0644);
	return r < 0 ? report_write(buf_str(&name), r, diag) : 0;
}

static int produce(const struct sign_job *job, const struct sign_target *target, struct product *p,
		   struct replacement *file, struct scratch *scratch, struct diag *diag)
{
	int r;

	if (job->mode == SIGN_DETACHED)
		return write_detached(job, target, p, diag);
	r = build(job, p, diag);
	return r < 0 || job->dry_run ? r : replace(job, p, file, scratch, diag);
}

static enum sign_outcome outcome_of(enum sign_mode mode, bool was_signed)
{
	if (mode == SIGN_STRIP)
		return was_signed ? SIGN_STRIPPED : SIGN_SKIPPED;
	if (mode == SIGN_ONLY_UNSIGNED && was_signed)
		return SIGN_SKIPPED;
	return was_signed && mode == SIGN_REPLACE ? SIGN_RESIGNED : SIGN_SIGNED;
}

static int sign_opened(const struct sign_job *job, const struct sign_target *target, struct replacement *file,
		       const struct sign_scratch *scratch, struct diag *diag, struct sign_result *ret)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	_cleanup_(product_done) struct product p = { .path = target->path };
	bool was_signed = false;
	struct span bytes;
	int r = source_open_fd(file->old, target->path, scratch->input, diag, &src);

	if (r == 0)
		r = source_whole(src, &bytes);
	if (r == 0)
		r = check_is_module(src, p.path, diag);
	if (r == 0)
		r = find_payload(bytes, p.path, diag, &p.payload, &was_signed);
	if (r < 0)
		return r;
	/* The kernel sees no signature outside of the compressed data, but it is one to replace or to remove. */
	was_signed = was_signed || (source_is_signed_outside(src) && job->mode != SIGN_ONLY_UNSIGNED);
	p.codec = source_codec(src);
	ret->outcome = outcome_of(job->mode, was_signed);
	if (ret->outcome != SIGN_SKIPPED) {
		r = job->mode == SIGN_STRIP ? 0 : job->kernel_of(job->kernel_data, src, target->path, &p.kernel);
		if (r == 0)
			r = produce(job, target, &p, file, scratch->check, diag);
	}
	ret->codec = p.codec;
	ret->size = p.payload.n;
	ret->signature_size = p.message;
	return r;
}

static int open_target(const struct sign_target *target, struct diag *diag, struct replacement *ret)
{
	int r = replacement_find(target->root, target->path, target->top, ret);

	if (r == 0 && ret->old < 0)
		r = -ENOENT;
	if (r == -EINVAL || r == -EISDIR)
		diag_report(diag, LOG_ERR, "image.refused", target->path, 0, "%s: is not a regular file", target->path);
	else if (r < 0)
		diag_report(diag, LOG_ERR, "image.open", target->path, 0, "%s: could not open: %s", target->path,
			    strerror(-r));
	return r;
}

int sign_file(const struct sign_job *job, const struct sign_target *target, const struct sign_scratch *scratch,
	      struct diag *diag, struct sign_result *ret)
{
	_cleanup_replacement_ struct replacement file = REPLACEMENT_INIT;
	struct sign_result result = { 0 };
	int r = open_target(target, diag, &file);

	if (r == 0)
		r = sign_opened(job, target, &file, scratch, diag, &result);
	if (r < 0) {
		result.outcome = SIGN_FAILED;
		result.error = r;
	}
	*ret = result;
	return r;
}
