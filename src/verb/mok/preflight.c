// SPDX-License-Identifier: MIT
#include "verb/mok/preflight.h"

#include <stdio.h>
#include <time.h>

#include "act/sign/cert.h"
#include "act/sign/cert_kernel.h"
#include "verb/mok/shim.h"
#include "verb/trust/keystore.h"
#include "system/machine.h"
#include "system/target.h"

#define NVRAM_RESERVE 8192 /* firmware needs room of its own to start */

int mok_warn_environment(struct sys *sys)
{
	struct mok_machine machine;
	int n = 0;

	mok_machine_read(sys, &machine);
	if (!machine.shim)
		n += sys_warning(sys, "mok.no-shim",
				 "this machine was not booted through shim: nothing will read the request");
	if (machine.shim && machine.manager.is_there == 0)
		n += sys_warning(sys, "mok.no-mokmanager",
				 "there is no %s, which must be next to the shim that was booted: "
				 "with a request waiting, this machine would not boot",
				 machine.manager.path);
	if (machine.nvram_free >= 0 && machine.nvram_free < NVRAM_RESERVE)
		n += sys_warning(sys, "mok.nvram", "the firmware has %lld bytes left for variables",
				 (long long)machine.nvram_free);
	return n;
}

int mok_warn_certificate(struct sys *sys, const struct cert *cert)
{
	struct kernel_target kernel;
	struct cert_standing standing;
	struct cert_facts facts;
	unsigned problems;
	int r = kernel_target_read(sys, NULL, &kernel);

	if (r < 0)
		return r;
	cert_judge(cert, &kernel, &standing);
	if (!standing.usable)
		sys_warning(sys, "mok.certificate", "%s: this kernel does not check modules by it%s: %s",
			    cert_label(cert), standing.asked == CERT_REFUSED ? " (asked the kernel)" : "",
			    standing.reason);
	cert_facts(cert, time(NULL), &facts);
	/* That it is for modules only is what most are made for. */
	problems = cert_problems_here(&facts, &kernel) & ~(unsigned)CERT_MODULE_ONLY;
	for (unsigned bit = 1; bit; bit <<= 1)
		if (problems & bit)
			sys_warning(sys, "mok.certificate", "%s: %s", cert_label(cert),
				    cert_problem_text((enum cert_problem)bit));
	return !standing.usable;
}

/* Would the kernel use the key for modules, once it is enrolled? */
static int warn_placement(struct sys *sys, const struct trust_machine *machine, const struct cert *cert)
{
	struct trust_machine secure = *machine;
	struct cert_facts facts;
	enum trust_ring ring;
	unsigned use;
	const char *why;

	if (trust_kernel_secure_boot(machine) != TRUST_YES)
		trust_machine_assume(&secure, "secure-boot=on", NULL);
	cert_facts(cert, time(NULL), &facts);
	use = key_use(&facts);
	ring = trust_ring_for(&secure, TRUST_FROM_MOK, use);
	if (trust_rings_asked(&secure, trust_rings_for(&secure, TRUST_FROM_MOK, use), &why) != TRUST_NO)
		return 0;
	if (trust_kernel_reads_mok(&secure) == TRUST_NO)
		return sys_warning(sys, "mok.placement",
				   "%s: this kernel would not use it for modules: without CONFIG_LOAD_UEFI_KEYS, "
				   "CONFIG_IMA or CONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT it never reads the MOK list",
				   cert_label(cert));
	return sys_warning(sys, "mok.placement",
			   "%s: this kernel would put it into %s and would not use it for modules: %s%s",
			   cert_label(cert), ring == TRUST_RING_NONE ? "no key ring" : trust_ring_name(ring), why,
			   trust_machine_ring_wants_ca(&secure) ?
				   "; .machine of this kernel takes certificates with CA:TRUE and keyCertSign only" :
				   "");
}

int mok_warn_placement(struct sys *sys, struct cert *const *certs, size_t n)
{
	_cleanup_machine_reading_ struct machine_reading reading = { 0 };
	int warned = 0;

	if (machine_read(sys, &reading) < 0)
		return 0;
	if (trust_kernel_secure_boot(&reading.machine) == TRUST_NO)
		sys_warning(sys, "mok.secure-boot-off",
			    "Secure Boot is off: the kernel reads the MOK list only under Secure Boot");
	for (size_t i = 0; i < n; i++)
		warned += warn_placement(sys, &reading.machine, certs[i]);
	return warned;
}
