// SPDX-License-Identifier: MIT
#include "pair.h"

#include <dirent.h>
#include <sys/xattr.h>

#include "base/fileio.h"
#include "read/image/codec.h"
#include "read/image/trailer.h"

struct fixture {
	struct key_pair pair;
	struct cms_signing *signing;
	struct keyring ring;
	struct sign_scratch scratch;
	struct sign_job job;
	struct buf module;
	char *dir, path[4096];
	struct heard heard;
};

static const struct root real_root = ROOT_REAL;

static int kernel_of_612(void *data _unused_, struct source *src _unused_, const char *path _unused_,
			 struct chain_kernel *ret)
{
	*ret = (struct chain_kernel){ .version = 612 };
	return 0;
}

static void set_up(struct fixture *f)
{
	*f = (struct fixture){ .pair = make_pair("p256", "signer"), .dir = unit_mkdtemp() };
	f->signing = make_signing(&f->pair, "sha256", 0);
	f->ring = ring_of(&f->pair);
	f->scratch = (struct sign_scratch){ scratch_new(), scratch_new() };
	f->job = (struct sign_job){ .signing = f->signing, .ring = &f->ring, .kernel_of = kernel_of_612 };
	tiny_module(&f->module);
	snprintf(f->path, sizeof(f->path), "%s/m.ko", f->dir);
	unit_write(f->dir, "m.ko", f->module.p, f->module.n);
	heard_init(&f->heard);
}

static void tear_down(struct fixture *f)
{
	cms_signing_free(f->signing);
	keyring_done(&f->ring);
	key_pair_done(&f->pair);
	scratch_free(f->scratch.input);
	scratch_free(f->scratch.check);
	buf_done(&f->module);
	unit_rmdir(f->dir);
}

static int sign(struct fixture *f, struct sign_result *ret)
{
	const struct sign_target target = { &real_root, f->path, PLACE_NAMED };

	return sign_file(&f->job, &target, &f->scratch, &f->heard.diag, ret);
}

static void read_file(const char *path, struct buf *into)
{
	assert_int_equal(file_read(&real_root, path, 1 << 20, into), 0);
}

/* Unpacked, whatever the file is packed with. */
static void read_module(const char *path, struct buf *into)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	struct span whole;

	assert_int_equal(source_open(&real_root, path, NULL, NULL, &src), 0);
	assert_int_equal(source_whole(src, &whole), 0);
	assert_int_equal(buf_add(into, whole.p, whole.n), 0);
}

static size_t count_files(const char *dir)
{
	_cleanup_closedir_ DIR *d = opendir(dir);
	size_t n = 0;

	while (readdir(d))
		n++;
	return n - 2;
}

static void expect_good(struct fixture *f)
{
	_cleanup_buf_ struct buf file = BUF_INIT;
	struct verify_result v;

	read_module(f->path, &file);
	assert_int_equal(verify_bytes(buf_span(&file), &f->ring, 612, &v), 0);
	assert_int_equal(v.state, VERIFY_GOOD);
	assert_false(v.stacked);
	assert_true(span_starts(buf_span(&file), f->module.p, f->module.n));
}

static void signs_in_place(void **state _unused_)
{
	struct sign_result r;
	struct fixture f;

	set_up(&f);
	assert_int_equal(sign(&f, &r), 0);
	assert_int_equal(r.outcome, SIGN_SIGNED);
	assert_int_equal(r.size, f.module.n);
	assert_true(r.signature_size > 100);
	expect_good(&f);
	assert_int_equal(count_files(f.dir), 1);
	tear_down(&f);
}

static void an_older_signature_is_replaced(void **state _unused_)
{
	struct sign_result r;
	struct fixture f;

	set_up(&f);
	assert_int_equal(sign(&f, &r), 0);
	assert_int_equal(sign(&f, &r), 0);
	assert_int_equal(r.outcome, SIGN_RESIGNED);
	expect_good(&f);
	tear_down(&f);
}

static void only_unsigned_leaves_the_signed_alone(void **state _unused_)
{
	_cleanup_buf_ struct buf before = BUF_INIT, after = BUF_INIT;
	struct sign_result r;
	struct fixture f;

	set_up(&f);
	f.job.mode = SIGN_ONLY_UNSIGNED;
	assert_int_equal(sign(&f, &r), 0);
	assert_int_equal(r.outcome, SIGN_SIGNED);
	read_file(f.path, &before);
	assert_int_equal(sign(&f, &r), 0);
	assert_int_equal(r.outcome, SIGN_SKIPPED);
	read_file(f.path, &after);
	assert_true(span_eq(buf_span(&before), buf_span(&after)));
	tear_down(&f);
}

static void strip_gives_the_module_back(void **state _unused_)
{
	_cleanup_buf_ struct buf after = BUF_INIT;
	struct sign_result r;
	struct fixture f;

	set_up(&f);
	assert_int_equal(sign(&f, &r), 0);
	f.job.mode = SIGN_STRIP;
	assert_int_equal(sign(&f, &r), 0);
	assert_int_equal(r.outcome, SIGN_STRIPPED);
	read_file(f.path, &after);
	assert_true(span_eq(buf_span(&after), buf_span(&f.module)));
	assert_int_equal(sign(&f, &r), 0);
	assert_int_equal(r.outcome, SIGN_SKIPPED);
	tear_down(&f);
}

static void dry_run_writes_nothing(void **state _unused_)
{
	_cleanup_buf_ struct buf after = BUF_INIT;
	struct sign_result r;
	struct fixture f;

	set_up(&f);
	f.job.dry_run = true;
	assert_int_equal(sign(&f, &r), 0);
	assert_int_equal(r.outcome, SIGN_SIGNED);
	read_file(f.path, &after);
	assert_true(span_eq(buf_span(&after), buf_span(&f.module)));
	assert_int_equal(count_files(f.dir), 1);
	tear_down(&f);
}

static void detached_writes_the_message_beside(void **state _unused_)
{
	_cleanup_buf_ struct buf after = BUF_INIT, message = BUF_INIT;
	_cleanup_cms_ struct cms c = { 0 };
	struct sign_result r;
	struct fixture f;
	const char *why;
	char path[8192];

	set_up(&f);
	f.job.mode = SIGN_DETACHED;
	assert_int_equal(sign(&f, &r), 0);
	read_file(f.path, &after);
	assert_true(span_eq(buf_span(&after), buf_span(&f.module)));
	snprintf(path, sizeof(path), "%s.p7s", f.path);
	read_file(path, &message);
	assert_int_equal(cms_parse(buf_span(&message), &c, &why), 0);
	assert_int_equal(cms_check(&c.signers[0], f.ring.certs[0], buf_span(&f.module)), CMS_CHECK_GOOD);
	tear_down(&f);
}

static void mode_and_attributes_are_kept(void **state _unused_)
{
	struct sign_result r;
	struct fixture f;
	struct stat st;
	char value[16];
	bool attributes;

	set_up(&f);
	assert_int_equal(chmod(f.path, 0640), 0);
	attributes = setxattr(f.path, "user.note", "kept", 4, 0) == 0;
	assert_int_equal(sign(&f, &r), 0);
	assert_int_equal(stat(f.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	if (attributes) {
		assert_int_equal(getxattr(f.path, "user.note", value, sizeof(value)), 4);
		assert_memory_equal(value, "kept", 4);
	}
	tear_down(&f);
}

static void a_link_stays_a_link(void **state _unused_)
{
	struct sign_result r;
	struct fixture f;
	struct stat st;
	char link[8192];
	const struct sign_target target = { &real_root, link, PLACE_NAMED };

	set_up(&f);
	snprintf(link, sizeof(link), "%s/link.ko", f.dir);
	assert_int_equal(symlink("m.ko", link), 0);
	assert_int_equal(sign_file(&f.job, &target, &f.scratch, &f.heard.diag, &r), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	expect_good(&f);
	tear_down(&f);
}

static void refuse(struct fixture *f, const void *p, size_t n, int error, const char *code)
{
	_cleanup_buf_ struct buf after = BUF_INIT;
	struct sign_result r;

	unit_write(f->dir, "m.ko", p, n);
	heard_init(&f->heard);
	assert_int_equal(sign(f, &r), error);
	assert_int_equal(r.outcome, SIGN_FAILED);
	assert_string_equal(f->heard.code, code);
	read_file(f->path, &after);
	assert_true(span_eq(buf_span(&after), span_of(p, n)));
	assert_int_equal(count_files(f->dir), 1);
}

static void what_would_be_dead_is_refused_unchanged(void **state _unused_)
{
	static const char text[] = "this is a text file and no module at all, whatever its name may be";
	_cleanup_buf_ struct buf program = BUF_INIT, damaged = BUF_INIT;
	struct fixture f;

	set_up(&f);
	refuse(&f, text, sizeof(text), -ENOEXEC, "sign.not-a-module");
	assert_int_equal(mkko_build("type 2\n" TINY_MODULE, &program), 0);
	refuse(&f, program.p, program.n, -ENOEXEC, "sign.not-a-module");
	buf_add(&damaged, f.module.p, f.module.n);
	buf_add(&damaged, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" TRAILER_MAGIC, 12 + TRAILER_MAGIC_LEN);
	refuse(&f, damaged.p, damaged.n, -EBADMSG, "sign.trailer-damaged");
	tear_down(&f);
}

/* The ring lacks the certificate, as if the result had come out wrong. */
static void a_result_that_does_not_verify_never_replaces(void **state _unused_)
{
	struct keyring empty = { 0 };
	struct fixture f;

	set_up(&f);
	f.job.ring = &empty;
	refuse(&f, f.module.p, f.module.n, -EKEYREJECTED, "sign.check-failed");
	tear_down(&f);
}

/* xorshift: the same modules in every run. */
static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void random_module(uint32_t *seed, struct buf *into)
{
	_cleanup_buf_ struct buf recipe = BUF_INIT;
	unsigned sections = next_random(seed) % 5;

	buf_addf(&recipe, "class %u\norder %s\n" TINY_MODULE, next_random(seed) & 1 ? 32 : 64,
		 next_random(seed) & 1 ? "big" : "little");
	for (unsigned i = 0; i < sections; i++) {
		unsigned n = 1 + next_random(seed) % 3000;

		buf_addf(&recipe, "section .data%u ", i);
		for (unsigned k = 0; k < n; k++)
			buf_addf(&recipe, "%02x", next_random(seed) & 0xff);
		buf_addc(&recipe, '\n');
	}
	assert_int_equal(mkko_build(buf_str(&recipe), into), 0);
}

static void write_packed(struct fixture *f, enum codec_id id, struct span module)
{
	const struct codec *codec = codec_by_id(id);
	_cleanup_buf_ struct buf packed = BUF_INIT;

	if (codec)
		assert_int_equal(codec->pack(module, "m.ko", NULL, &packed), 0);
	else
		buf_add(&packed, module.p, module.n);
	unit_write(f->dir, "m.ko", packed.p, packed.n);
}

static void codec_is(const char *path, enum codec_id id)
{
	_cleanup_(source_close_p) struct source *src = NULL;

	assert_int_equal(source_open(&real_root, path, NULL, NULL, &src), 0);
	assert_int_equal(source_codec(src), id);
}

/* As the kernel's sign-file leaves a compressed module. */
static void write_signed_outside(struct fixture *f, const struct codec *codec)
{
	_cleanup_buf_ struct buf file = BUF_INIT;

	assert_int_equal(codec->pack(buf_span(&f->module), "m.ko", NULL, &file), 0);
	buf_add(&file, "sig", 3);
	assert_int_equal(sign_add_trailer(&file, 3), 0);
	unit_write(f->dir, "m.ko", file.p, file.n);
}

static void a_signature_outside_of_compressed_data_is_moved_inside(void **state _unused_)
{
	static const enum codec_id codecs[] = { CODEC_GZ, CODEC_XZ, CODEC_ZST };
	static const struct {
		enum sign_mode mode;
		enum sign_outcome outcome;
	} modes[] = { { SIGN_REPLACE, SIGN_RESIGNED },
		      { SIGN_ONLY_UNSIGNED, SIGN_SIGNED },
		      { SIGN_STRIP, SIGN_STRIPPED } };
	struct sign_result r;
	struct fixture f;

	set_up(&f);
	for (size_t i = 0; i < ELEMENTSOF(codecs) * ELEMENTSOF(modes); i++) {
		_cleanup_(source_close_p) struct source *src = NULL;

		write_signed_outside(&f, codec_by_id(codecs[i / 3]));
		f.job.mode = modes[i % 3].mode;
		assert_int_equal(sign(&f, &r), 0);
		assert_int_equal(r.outcome, modes[i % 3].outcome);
		if (f.job.mode != SIGN_STRIP)
			expect_good(&f);
		codec_is(f.path, codecs[i / 3]);
		assert_int_equal(source_open(&real_root, f.path, NULL, NULL, &src), 0);
		assert_false(source_is_signed_outside(src));
	}
	tear_down(&f);
}

/*
 * Property: whatever the module, the hash, the form of name and the compression, what is signed verifies and strips
 * back.
 */
static void sign_verify_strip_round_trip(void **state _unused_)
{
	static const char *const hashes[] = { "sha1", "sha224", "sha256", "sha384", "sha512" };
	static const enum codec_id codecs[] = { CODEC_NONE, CODEC_GZ, CODEC_XZ, CODEC_ZST };
	uint32_t seed = 20260101;
	struct sign_result r;
	struct fixture f;

	set_up(&f);
	for (unsigned i = 0; i < 100; i++) {
		struct cms_signing *s =
			make_signing(&(struct key_pair){ f.pair.key, f.ring.certs[0] },
				     hashes[next_random(&seed) % ELEMENTSOF(hashes)], next_random(&seed) & CMS_BY_SKID);
		enum codec_id codec = codecs[next_random(&seed) % ELEMENTSOF(codecs)];
		_cleanup_buf_ struct buf after = BUF_INIT;

		buf_clear(&f.module);
		random_module(&seed, &f.module);
		write_packed(&f, codec, buf_span(&f.module));
		f.job.signing = s;
		f.job.mode = SIGN_REPLACE;
		assert_int_equal(sign(&f, &r), 0);
		expect_good(&f);
		codec_is(f.path, codec);
		f.job.mode = SIGN_STRIP;
		assert_int_equal(sign(&f, &r), 0);
		read_module(f.path, &after);
		assert_true(span_eq(buf_span(&after), buf_span(&f.module)));
		cms_signing_free(s);
	}
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_in_place),
		cmocka_unit_test(an_older_signature_is_replaced),
		cmocka_unit_test(only_unsigned_leaves_the_signed_alone),
		cmocka_unit_test(strip_gives_the_module_back),
		cmocka_unit_test(dry_run_writes_nothing),
		cmocka_unit_test(detached_writes_the_message_beside),
		cmocka_unit_test(mode_and_attributes_are_kept),
		cmocka_unit_test(a_link_stays_a_link),
		cmocka_unit_test(what_would_be_dead_is_refused_unchanged),
		cmocka_unit_test(a_result_that_does_not_verify_never_replaces),
		cmocka_unit_test(a_signature_outside_of_compressed_data_is_moved_inside),
		cmocka_unit_test(sign_verify_strip_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
