// SPDX-License-Identifier: MIT
/* One module against lists and rings that are made here: where its key is found, and what follows from that. */
#include "../sign/pair.h"

#include <errno.h>

#include "base/hex.h"
#include "lib/fake_rings.h"
#include "read/image/codec.h"
#include "base/shellword.h"
#include "verb/trust/advice.h"
#include "verb/trust/module.h"
#include "../verdict/machines.h"

#define GOOD_MODULE "info license=GPL\ninfo name=m\ninfo intree=Y\nneed printk\n"

struct bench {
	char *dir;
	struct sys sys;
	struct keyring_access fake, rings; /* the second with answers of a kernel */
	struct keyring_calls calls;
	int vouches, verifies;
	char how[64], restriction[64]; /* the last questions */
	struct key_pair pair;
	struct buf proc_keys, members;
	int serials;
	struct machine_reading reading;
	struct key_stores stores;
	struct trust_context ctx;
	struct module_reading module;
};

static int answer_vouches(void *data, const char *restriction, struct span certificate _unused_)
{
	struct bench *b = data;

	snprintf(b->restriction, sizeof(b->restriction), "%s", restriction);
	return b->vouches;
}

static int answer_verifies(void *data, struct span certificate _unused_, const char *how, struct span digest _unused_,
			   struct span signature _unused_)
{
	struct bench *b = data;

	snprintf(b->how, sizeof(b->how), "%s", how);
	return b->verifies;
}

static int pass_read(void *data, int32_t ring, int32_t *ret, size_t n)
{
	struct bench *b = data;

	return b->fake.calls->read(b->fake.data, ring, ret, n);
}

static int pass_describe(void *data, int32_t key, char *ret, size_t cap)
{
	struct bench *b = data;

	return b->fake.calls->describe(b->fake.data, key, ret, cap);
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->dir = unit_mkdtemp();
	b->sys = (struct sys){ .root = { .prefix = b->dir }, .keyring = &b->rings };
	b->fake = fake_rings(&b->sys.root);
	b->calls = (struct keyring_calls){ pass_read, pass_describe, answer_vouches, answer_verifies, NULL };
	b->rings = (struct keyring_access){ &b->calls, b };
	b->vouches = b->verifies = -EACCES;
	b->pair = make_pair("p256", "Owner");
	assert_int_equal(root_mkdirs(&b->sys.root, EFI_VARS_DIR), 0);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	module_reading_done(&b->module);
	key_stores_done(&b->stores);
	key_pair_done(&b->pair);
	buf_done(&b->proc_keys);
	buf_done(&b->members);
	unit_rmdir(b->dir);
	free(b);
	return 0;
}

/* ---- the machine ---- */

static void put_list(const struct bench *b, const char *name, const struct efi_guid *guid)
{
	_cleanup_buf_ struct buf list = BUF_INIT;

	assert_int_equal(siglist_append(&list, SIGLIST_X509, guid, cert_der(b->pair.cert)), 0);
	assert_int_equal(efi_var_write(&b->sys.root, name, guid, EFI_NV_BS_RT, buf_span(&list), 0600), 0);
}

static void put_mok(const struct bench *b, const char *name)
{
	const struct efi_guid shim = EFI_GUID_SHIM;

	put_list(b, name, &shim);
}

static void put_dbx(const struct bench *b)
{
	const struct efi_guid security = EFI_GUID_SECURITY;

	put_list(b, "dbx", &security);
}

/* A ring with one key. */
static void put_ring(struct bench *b, const char *name, const char *type, const char *description)
{
	int ring = ++b->serials, key = ++b->serials;

	buf_addf(&b->proc_keys, "%08x I------     1 perm 1f0b0000     0     0 keyring   %s: 1\n", ring, name);
	buf_addf(&b->proc_keys, "%08x I------     1 perm 1f010000     0     0 %s %s\n", key, type, description);
	buf_addf(&b->members, "%08x %08x\n", ring, key);
	unit_puts(b->dir, "proc/keys", buf_str(&b->proc_keys));
	unit_puts(b->dir, "fake/rings", buf_str(&b->members));
}

static void put_key_on_ring(struct bench *b, const char *ring)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_adds(&text, "Owner: ");
	hex_plain(cert_skid(b->pair.cert), &text);
	buf_adds(&text, ": X509.ecdsa-nist-p256 00000000 []");
	put_ring(b, ring, "asymmetri", buf_str(&text));
}

/* ---- the module ---- */

static void put_module(const struct bench *b, const char *recipe, unsigned flags, struct buf *file)
{
	_cleanup_buf_ struct buf payload = BUF_INIT;
	struct cms_signing *s = make_signing(&b->pair, "sha256", flags);

	assert_int_equal(mkko_build(recipe, &payload), 0);
	sign_into(s, buf_span(&payload), file);
	unit_write(b->dir, "m.ko", file->p, file->n);
	cms_signing_free(s);
}

static void put_signed(const struct bench *b)
{
	_cleanup_buf_ struct buf file = BUF_INIT;

	put_module(b, GOOD_MODULE, 0, &file);
}

static void put_unsigned(const struct bench *b, const char *recipe)
{
	_cleanup_buf_ struct buf file = BUF_INIT;

	assert_int_equal(mkko_build(recipe, &file), 0);
	unit_write(b->dir, "m.ko", file.p, file.n);
}

static int read_module(struct bench *b, bool secure_boot)
{
	b->reading = (struct machine_reading){ .release = "6.12",
					       .machine = machine_debian(secure_boot),
					       .config = { .error = -ENOENT } };
	b->ctx.sys = &b->sys;
	b->ctx.reading = &b->reading;
	b->ctx.machine = b->reading.machine;
	b->ctx.stores = &b->stores;
	assert_int_equal(key_stores_read(&b->sys, &b->stores), 0);
	return module_read(&b->ctx, "/m.ko", &b->module);
}

static void assert_judged(struct bench *b, enum trust_signature signature, enum trust_outcome outcome, int error)
{
	assert_int_equal(read_module(b, true), 0);
	assert_int_equal(b->module.module.signature, signature);
	assert_int_equal(b->module.verdict.outcome, outcome);
	assert_int_equal(b->module.verdict.error, error);
}

/* ---- tests ---- */

static void an_enrolled_key_on_the_machine_ring(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	put_mok(b, "MokListRT");
	put_key_on_ring(b, ".machine");
	assert_judged(b, TRUST_SIG_GOOD, TRUST_LOADS, 0);
	assert_string_equal(b->module.store, "MokListRT");
	assert_string_equal(b->module.module.signer, "Owner");
	assert_int_equal(b->module.module.ring, TRUST_RING_MACHINE);
	assert_int_equal(b->module.evidence, TRUST_RING_READ);
	assert_int_equal(b->module.kernel_verified, TRUST_UNKNOWN);
	assert_true(b->module.module.enrolled);
}

static void the_kernel_is_asked_where_it_answers(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	put_mok(b, "MokListRT");
	put_key_on_ring(b, ".machine");
	b->vouches = b->verifies = 1;
	assert_judged(b, TRUST_SIG_GOOD, TRUST_LOADS, 0);
	assert_int_equal(b->module.evidence, TRUST_ASKED);
	assert_int_equal(b->module.kernel_verified, TRUST_YES);
	assert_string_equal(b->how, "enc=x962 hash=sha256");
	assert_string_equal(b->restriction, "builtin_and_secondary_trusted");
}

static void the_kernels_arithmetic_counts_more_than_ours(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	put_mok(b, "MokListRT");
	put_key_on_ring(b, ".machine");
	b->verifies = 0;
	assert_judged(b, TRUST_SIG_CHANGED, TRUST_REFUSED, EKEYREJECTED);
}

static void a_key_on_platform_is_asked_by_restriction_to_that_ring(void **state)
{
	struct bench *b = *state;
	const struct efi_guid security = EFI_GUID_SECURITY;

	put_signed(b);
	put_list(b, "db", &security);
	put_key_on_ring(b, ".platform");
	b->vouches = 1;
	assert_judged(b, TRUST_SIG_GOOD, TRUST_LOADS, 0);
	assert_string_equal(b->module.store, "db");
	assert_int_equal(b->module.evidence, TRUST_ASKED);
	assert_string_equal(b->restriction, "key_or_keyring:1");
}

static void a_key_that_no_ring_holds(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	put_ring(b, ".builtin_trusted_keys", "asymmetri", "Another key: 1234: X509.rsa 1234 []");
	put_mok(b, "MokListRT");
	assert_judged(b, TRUST_SIG_UNKNOWN_KEY, TRUST_REFUSED, EKEYREJECTED);
	assert_true(b->module.module.enrolled);
	assert_int_equal(b->module.evidence, TRUST_PREDICTED);
}

static void a_key_whose_request_waits(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	put_mok(b, "MokNew");
	assert_judged(b, TRUST_SIG_UNKNOWN_KEY, TRUST_REFUSED, EKEYREJECTED);
	assert_true(b->module.module.pending);
	assert_false(b->module.module.enrolled);
}

static void a_module_that_was_changed(void **state)
{
	struct bench *b = *state;
	_cleanup_buf_ struct buf file = BUF_INIT;

	put_module(b, GOOD_MODULE, 0, &file);
	file.p[file.n / 4] ^= 1;
	unit_write(b->dir, "m.ko", file.p, file.n);
	put_mok(b, "MokListRT");
	put_key_on_ring(b, ".machine");
	assert_judged(b, TRUST_SIG_CHANGED, TRUST_REFUSED, EKEYREJECTED);
}

static void an_unsigned_module(void **state)
{
	struct bench *b = *state;

	put_unsigned(b, GOOD_MODULE);
	assert_judged(b, TRUST_SIG_NONE, TRUST_REFUSED, EKEYREJECTED);
	assert_false(b->module.is_signed);
	key_stores_done(&b->stores);
	module_reading_done(&b->module);
	assert_int_equal(read_module(b, false), 0);
	assert_int_equal(b->module.verdict.outcome, TRUST_TAINTS);
	assert_string_equal(b->module.verdict.taint, "E");
}

static void forcing_makes_the_signature_count_for_nothing(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	put_mok(b, "MokListRT");
	put_key_on_ring(b, ".machine");
	b->ctx.forced = true;
	assert_judged(b, TRUST_SIG_FORCED, TRUST_REFUSED, EKEYREJECTED);
}

static void what_a_module_says_of_itself_taints(void **state)
{
	struct bench *b = *state;

	put_unsigned(b, "info license=Proprietary\ninfo name=m\ninfo staging=Y\ninfo livepatch=Y\ninfo test=Y\n");
	assert_int_equal(read_module(b, false), 0);
	assert_string_equal(b->module.verdict.taint, "PCOEKN");
}

/* The kernel's own name for it is `bin:` and the digest of the whole file. */
static void a_file_whose_digest_is_blocked(void **state)
{
	struct bench *b = *state;
	_cleanup_buf_ struct buf file = BUF_INIT, name = BUF_INIT;
	uint8_t digest[CMS_DIGEST_MAX];
	size_t n;

	put_module(b, GOOD_MODULE, 0, &file);
	put_mok(b, "MokListRT");
	put_key_on_ring(b, ".machine");
	assert_int_equal(cms_digest(cms_hash_by_name("sha256"), buf_span(&file), digest, &n), 0);
	buf_adds(&name, "bin:");
	hex_plain(span_of(digest, n), &name);
	put_ring(b, ".blacklist", "blacklist", buf_str(&name));
	assert_judged(b, TRUST_SIG_REVOKED, TRUST_REFUSED, EKEYREJECTED);
	assert_null(b->module.module.blocked_in);
}

static void a_key_in_dbx_that_the_kernel_holds_against_modules(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	put_dbx(b);
	put_key_on_ring(b, ".blacklist");
	assert_judged(b, TRUST_SIG_REVOKED, TRUST_REFUSED, EKEYREJECTED);
	assert_string_equal(b->module.module.blocked_in, "dbx");
}

static void a_key_in_dbx_that_it_does_not(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	put_dbx(b);
	put_mok(b, "MokListRT");
	put_key_on_ring(b, ".machine");
	assert_judged(b, TRUST_SIG_GOOD, TRUST_LOADS, 0);
	assert_string_equal(b->module.module.blocked_in, "dbx");
}

/* The rings of this boot say nothing about another state: its rules place the keys. */
static void an_assumed_state_goes_by_the_rules(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	put_mok(b, "MokListRT");
	b->ctx.assumed = true;
	assert_judged(b, TRUST_SIG_GOOD, TRUST_LOADS, 0);
	assert_int_equal(b->module.module.ring, TRUST_RING_MACHINE);
	assert_int_equal(b->module.evidence, TRUST_PREDICTED);
	key_stores_done(&b->stores);
	module_reading_done(&b->module);
	put_dbx(b);
	assert_int_equal(read_module(b, false), 0); /* the MOK list is read under Secure Boot only */
	assert_int_equal(b->module.module.signature, TRUST_SIG_UNKNOWN_KEY);
}

/* A bzImage whose payload holds the certificate among other bytes. */
static void put_kernel(const struct bench *b)
{
	_cleanup_buf_ struct buf content = BUF_INIT, packed = BUF_INIT, image = BUF_INIT;
	const struct span der = cert_der(b->pair.cert);
	uint8_t head[1024] = { [0x1f1] = 1, [0x202] = 'H', 'd', 'r', 'S' };

	buf_adds(&content, "0 text that begins like SEQUENCE ");
	buf_add(&content, der.p, der.n);
	buf_adds(&content, " and more of the kernel");
	assert_int_equal(codec_gz.pack(buf_span(&content), "kernel", NULL, &packed), 0);
	store_le32(head + 0x24c, (uint32_t)packed.n);
	buf_add(&image, head, sizeof(head));
	buf_add(&image, packed.p, packed.n);
	unit_write(b->dir, "boot/vmlinuz-6.12", image.p, image.n);
}

static void a_builtin_key_is_found_in_the_kernel_image(void **state)
{
	struct bench *b = *state;
	_cleanup_buf_ struct buf file = BUF_INIT;

	put_module(b, GOOD_MODULE, CMS_BY_SKID, &file);
	put_key_on_ring(b, ".builtin_trusted_keys");
	put_kernel(b);
	assert_judged(b, TRUST_SIG_GOOD, TRUST_LOADS, 0);
	assert_string_equal(b->module.store, key_store_name(STORE_KERNEL));
	assert_int_equal(b->stores.stores[STORE_KERNEL].n, 1);
}

/* The list has the certificate of the key that the ring has: its bytes decide, not its name. */
static void a_key_made_anew_under_the_old_name(void **state)
{
	struct bench *b = *state;

	put_mok(b, "MokListRT");
	put_key_on_ring(b, ".machine");
	key_pair_done(&b->pair);
	b->pair = make_pair("p256", "Owner");
	put_signed(b);
	assert_int_equal(read_module(b, true), 0);
	assert_int_equal(b->module.module.signature, TRUST_SIG_UNKNOWN_KEY);
	assert_int_equal(b->module.module.other, TRUST_OTHER_NAMESAKE);
	assert_int_equal(b->module.module.other_ring, TRUST_RING_MACHINE);
	assert_string_not_equal(b->module.module.own_key, b->module.module.other_key);
	assert_int_equal(b->module.verdict.outcome, TRUST_REFUSED);
}

static void a_builtin_key_of_another_build(void **state)
{
	struct bench *b = *state;

	put_key_on_ring(b, ".builtin_trusted_keys");
	put_kernel(b);
	key_pair_done(&b->pair);
	b->pair = make_pair("p256", "Owner");
	put_signed(b);
	assert_int_equal(read_module(b, true), 0);
	assert_int_equal(b->module.module.signature, TRUST_SIG_UNKNOWN_KEY);
	assert_int_equal(b->module.module.other, TRUST_OTHER_BUILD);
}

/* No certificate is at hand: it may be the key, or another one. */
static void a_name_alone_decides_nothing(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	put_key_on_ring(b, ".builtin_trusted_keys");
	assert_judged(b, TRUST_SIG_NAMED, TRUST_UNDECIDED, 0);
	assert_int_equal(b->module.module.ring, TRUST_RING_NONE);
	assert_int_equal(b->module.module.other_ring, TRUST_RING_BUILTIN);
}

/* The ring shows the very key identifier, but nothing checked the content. */
static void an_id_without_certificate_proves_the_key_only(void **state)
{
	struct bench *b = *state;
	_cleanup_buf_ struct buf file = BUF_INIT;

	put_module(b, GOOD_MODULE, CMS_BY_SKID, &file);
	put_key_on_ring(b, ".builtin_trusted_keys");
	assert_judged(b, TRUST_SIG_MATCHED, TRUST_UNDECIDED, 0);
	assert_int_equal(b->module.module.ring, TRUST_RING_BUILTIN);
}

static void a_file_that_cannot_be_read(void **state)
{
	struct bench *b = *state;

	assert_int_equal(read_module(b, true), -ENOENT);
}

/* The kernel has its answer to files that are too short for anything. */
static void tiny_files_are_judged(void **state)
{
	struct bench *b = *state;

	unit_puts(b->dir, "m.ko", "");
	assert_judged(b, TRUST_SIG_NONE, TRUST_REFUSED, EINVAL);
	assert_string_equal(b->module.verdict.code, "trust.empty");
	module_reading_done(&b->module);
	key_stores_done(&b->stores);
	unit_puts(b->dir, "m.ko",
		  "\x7f"
		  "ELF");
	assert_judged(b, TRUST_SIG_NONE, TRUST_REFUSED, EKEYREJECTED); /* the signature comes before the format */
}

#define bench_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

/* A plain user sees none of the rings: the rules say where an enrolled key is, nothing where another one is. */
static void rings_that_are_not_shown(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	unit_puts(b->dir, "proc/keys", "");
	assert_judged(b, TRUST_SIG_UNKNOWN_KEY, TRUST_UNDECIDED, 0);
	assert_non_null(strstr(b->module.module.unread, "/proc/keys"));
	module_reading_done(&b->module);
	key_stores_done(&b->stores);
	put_mok(b, "MokListRT");
	assert_judged(b, TRUST_SIG_GOOD, TRUST_LOADS, 0);
	assert_int_equal(b->module.module.ring, TRUST_RING_MACHINE);
	assert_int_equal(b->module.evidence, TRUST_PREDICTED);
}

/* The reason that the kernel's log would give. */
static void an_enrolled_key_that_this_kernel_cannot_take(void **state)
{
	struct bench *b = *state;

	put_signed(b);
	put_mok(b, "MokListRT");
	put_ring(b, ".builtin_trusted_keys", "asymmetri", "Another key: 1234: X509.rsa 1234 []");
	assert_int_equal(read_module(b, true), 0);
	assert_null(b->module.module.unfit);
	module_reading_done(&b->module);
	b->reading.config = (struct kconfig){ .path = "/boot/config", .crypto[KCONFIG_ECDSA] = KCONFIG_NOT_BUILT };
	assert_int_equal(module_read(&b->ctx, "/m.ko", &b->module), 0);
	assert_int_equal(b->module.module.signature, TRUST_SIG_UNKNOWN_KEY);
	assert_non_null(strstr(b->module.module.unfit, "CONFIG_CRYPTO_ECDSA"));
}

/* ---- commands of fixes ---- */

static void put_certificate(const struct bench *b, const char *path, const struct cert *c)
{
	unit_write(b->dir, path, cert_der(c).p, cert_der(c).n);
}

static void assert_command(struct bench *b, const char *expected)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	const char *argv[ADVICE_WORDS];

	assert_int_equal(read_module(b, true), 0);
	b->ctx.machine.shim.value = TRUST_YES;
	assert_int_equal(advice_command(&b->ctx, &b->module, argv), 0);
	assert_int_equal(shellword_join(&line, argv), 0);
	assert_string_equal(buf_str(&line), expected);
}

static void the_signers_certificate_is_imported_from_where_it_lies(void **state)
{
	struct bench *b = *state;
	struct key_pair other = make_pair("p256", "Owner");

	put_signed(b);
	put_certificate(b, "var/lib/dkms/mok.pub", other.cert);
	put_certificate(b, "var/lib/shim-signed/mok/MOK.der", b->pair.cert);
	put_ring(b, ".builtin_trusted_keys", "asymmetri", "Another key: 1234: X509.rsa 1234 []");
	assert_command(b, "kmodctl mok import /var/lib/shim-signed/mok/MOK.der");
	key_pair_done(&other);
}

static void a_certificate_of_the_same_name_is_not_imported(void **state)
{
	struct bench *b = *state;
	struct key_pair other = make_pair("p256", "Owner");

	put_signed(b);
	put_certificate(b, "var/lib/dkms/mok.pub", other.cert);
	assert_command(b, "");
	key_pair_done(&other);
}

static void an_enrolled_key_is_signed_with_first(void **state)
{
	struct bench *b = *state;
	struct key_pair other = make_pair("p256", "DKMS");

	put_unsigned(b, GOOD_MODULE);
	put_mok(b, "MokListRT");
	unit_puts(b->dir, "var/lib/dkms/mok.key", "");
	put_certificate(b, "var/lib/dkms/mok.pub", other.cert);
	unit_puts(b->dir, "etc/pki/akmods/private/private_key.priv", "");
	put_certificate(b, "etc/pki/akmods/certs/public_key.der", b->pair.cert);
	assert_command(b, "kmodctl sign --key /etc/pki/akmods/private/private_key.priv"
			  " --cert /etc/pki/akmods/certs/public_key.der /m.ko");
	key_pair_done(&other);
}

static void nothing_is_signed_with_half_a_pair(void **state)
{
	struct bench *b = *state;

	put_unsigned(b, GOOD_MODULE);
	put_certificate(b, "var/lib/dkms/mok.pub", b->pair.cert);
	assert_command(b, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(an_enrolled_key_on_the_machine_ring),
		bench_test(the_kernel_is_asked_where_it_answers),
		bench_test(the_kernels_arithmetic_counts_more_than_ours),
		bench_test(a_key_on_platform_is_asked_by_restriction_to_that_ring),
		bench_test(a_key_that_no_ring_holds),
		bench_test(a_key_whose_request_waits),
		bench_test(a_module_that_was_changed),
		bench_test(an_unsigned_module),
		bench_test(rings_that_are_not_shown),
		bench_test(an_enrolled_key_that_this_kernel_cannot_take),
		bench_test(forcing_makes_the_signature_count_for_nothing),
		bench_test(what_a_module_says_of_itself_taints),
		bench_test(a_file_whose_digest_is_blocked),
		bench_test(a_key_in_dbx_that_the_kernel_holds_against_modules),
		bench_test(a_key_in_dbx_that_it_does_not),
		bench_test(an_assumed_state_goes_by_the_rules),
		bench_test(a_builtin_key_is_found_in_the_kernel_image),
		bench_test(a_key_made_anew_under_the_old_name),
		bench_test(a_builtin_key_of_another_build),
		bench_test(a_name_alone_decides_nothing),
		bench_test(an_id_without_certificate_proves_the_key_only),
		bench_test(a_file_that_cannot_be_read),
		bench_test(tiny_files_are_judged),
		bench_test(the_signers_certificate_is_imported_from_where_it_lies),
		bench_test(a_certificate_of_the_same_name_is_not_imported),
		bench_test(an_enrolled_key_is_signed_with_first),
		bench_test(nothing_is_signed_with_half_a_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
