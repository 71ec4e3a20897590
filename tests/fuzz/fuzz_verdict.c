// SPDX-License-Identifier: MIT
/*
 * The verdict on a module, and the key rings, against the tables of docs/formats/trust.md: an input chooses a
 * combination of all facts, unknown ones included, and a list of assumptions. The unit test tables tries every
 * combination of known facts.
 */
#include "text.h"

#include "unit/verdict/oracle.h"

#include "decide/verdict/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void choose(const uint8_t *data, struct trust_machine *m, struct trust_module *mod)
{
	static const char *const lists[] = { NULL, "dbx", "MokListXRT" };

	m->sig_checked.value = answer(data[0] % 3);
	m->sig_enforce.value = answer(data[1] % 3);
	m->modules_disabled.value = answer(data[2] % 3);
	m->without_modules.value = answer(data[3] % 3);
	m->appraised.value = answer(data[3] / 27 % 3);
	m->denied.value = data[3] / 81 % 2 ? TRUST_UNKNOWN : TRUST_NO;
	m->platform_asked.value = answer(data[3] / 3 % 3);
	m->shim.value = answer(data[3] / 9 % 3);
	m->efi.value = answer(data[4] % 3);
	m->secure_boot.value = answer(data[4] / 3 % 3);
	m->shim_validation.value = answer(data[4] / 9 % 3);
	m->mok_trusted.value = answer(data[4] / 27 % 3);
	m->lockdown = (enum lockdown)(data[5] % 4 - 1);
	m->flavour = (enum trust_flavour)(data[5] / 4 % 4);
	m->version = 100u * (3 + data[6] % 4) + data[6] / 4;
	for (unsigned k = 0; k < KCONFIG_N; k++)
		m->config[k] = (enum kconfig_value)((data[7] >> k % 8 & 1) + (data[8] >> k / 2 & 1) - 1);
	mod->signature = (enum trust_signature)(data[9] % TRUST_SIGS);
	mod->ring = (enum trust_ring)(data[9] / TRUST_SIGS % TRUST_RINGS);
	mod->signer = data[10] & 1 ? "a signer" : NULL;
	mod->enrolled = data[10] & 2;
	mod->pending = data[10] & 4;
	mod->blocked_in = lists[data[10] / 8 % 3];
	mod->is_empty = data[11] & 1;
	mod->is_elf = data[11] & 2;
	mod->blacklisted = data[11] & 4;
	mod->forced = data[11] & 8;
	mod->proprietary = data[11] & 16;
	mod->out_of_tree = data[11] & 32;
	mod->livepatch = data[11] & 64;
	mod->staging = mod->test = data[11] & 128;
	mod->maybe = data[10] & 32 ? 1u << TRUST_SIG_UNKNOWN_KEY | 1u << data[9] % TRUST_SIGS : 0;
	mod->use = data[10] / 64;
	mod->is_cut = data[8] & 1;
}
#define CHOICES 12

/* One of the machines that it may be. */
static struct trust_machine without_doubts(const struct trust_machine *m, unsigned bits)
{
	struct trust_machine known = *m;
	struct trust_fact *const facts[] = { &known.efi, &known.secure_boot, &known.shim_validation, &known.mok_trusted,
					     &known.platform_asked };

	for (size_t i = 0; i < ELEMENTSOF(facts); i++, bits = bits >> 1 | bits << 31)
		if (facts[i]->value == TRUST_UNKNOWN)
			facts[i]->value = bits & 1 ? TRUST_YES : TRUST_NO;
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++, bits = bits >> 1 | bits << 31)
		if (known.config[o] == KCONFIG_UNKNOWN)
			known.config[o] = bits & 1 ? KCONFIG_YES : KCONFIG_NO;
	return known;
}

static void check_doubts(const struct trust_machine *m, const uint8_t *data)
{
	struct trust_machine known = without_doubts(m, load_le32(data));

	/* Secure Boot without UEFI is another kind, which has no shim. */
	if (known.efi.value != TRUST_NO || known.secure_boot.value == TRUST_NO)
		check_unknown_rings(m, &known);
}

/* The words for people are there, on one line, and help is offered for what was refused only. */
static void check_words(const struct trust_machine *m, const struct trust_module *mod)
{
	_cleanup_buf_ struct buf cause = BUF_INIT, fix = BUF_INIT;
	struct trust_verdict v;

	trust_judge(m, mod, &v);
	trust_cause(m, mod, &v, &cause);
	trust_fix(m, mod, &v, &fix);
	EXPECT(cause.n && !strchr(buf_str(&cause), '\n') && !strchr(buf_str(&fix), '\n'));
	EXPECT((v.outcome != TRUST_REFUSED && v.outcome != TRUST_UNDECIDED) || fix.n);
}

/* Each errno that the kernel answers is explained by a verdict that answers the same. */
static void check_explanations(const struct trust_machine *m, const struct trust_module *mod)
{
	static const int errors[] = { EPERM, EKEYREJECTED, ENOKEY, EBADMSG, ENOPKG, ENOEXEC, EINVAL, EEXIST };

	for (size_t i = 0; i < ELEMENTSOF(errors); i++) {
		struct trust_module seen = *mod;
		struct trust_verdict v;

		if (trust_explain(m, errors[i], &seen, &v))
			EXPECT(v.outcome == TRUST_REFUSED && v.error == errors[i] && v.code && v.rule);
	}
}

static void check_table(const struct trust_machine *m)
{
	struct table_row table[TABLE_ROWS];

	trust_table(m, table);
	for (size_t i = 0; i < TABLE_ROWS; i++) {
		EXPECT(table_signature_name(table[i].signature));
		check_texts(&table[i].verdict);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trust_machine m = { 0 };
	struct trust_module mod = { 0 };
	_cleanup_free_ char *list = NULL;

	if (size < CHOICES)
		return 0;
	choose(data, &m, &mod);
	judge(&m, &mod);
	check_words(&m, &mod);
	check_explanations(&m, &mod);
	check_table(&m);
	check_doubts(&m, data);
	list = fuzz_text(data + CHOICES, size - CHOICES);
	if (list && trust_machine_assume(&m, list, NULL) == 0) {
		judge(&m, &mod);
		check_table(&m);
		check_doubts(&m, data);
	}
	return 0;
}
