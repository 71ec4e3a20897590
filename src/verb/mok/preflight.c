// SPDX-License-Identifier: MIT
#include "verb/mok/preflight.h"

#include <stdio.h>
#include <time.h>

#include "act/sign/cert.h"
#include "verb/mok/shim.h"
#include "system/machine.h"
#include "system/release.h"

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

static unsigned kernel_version(struct sys *sys)
{
	struct utsname u;
	unsigned version;

	return kernel_uname(sys->kernel, &u) < 0 || release_version(u.release, &version) < 0 ? 0 : version;
}

void mok_warn_certificate(struct sys *sys, const char *file, const struct cert *cert)
{
	struct cert_facts facts;
	unsigned problems;

	cert_facts(cert, time(NULL), &facts);
	problems = cert_problems(cert, &facts, kernel_version(sys));
	for (unsigned bit = 1; bit; bit <<= 1)
		if (problems & bit)
			sys_warning(sys, "mok.certificate", "%s: %s", file, cert_problem_text((enum cert_problem)bit));
}

/* Would the kernel use the key for modules, once it is enrolled? */
static void warn_placement(struct sys *sys, const struct trust_machine *machine, const char *file,
			   const struct cert *cert)
{
	struct trust_machine secure = *machine;
	struct cert_facts facts;
	enum trust_ring ring;
	const char *why;

	if (trust_kernel_secure_boot(machine) != TRUST_YES)
		trust_machine_assume(&secure, "secure-boot=on", NULL);
	cert_facts(cert, time(NULL), &facts);
	ring = trust_ring_for(&secure, TRUST_FROM_MOK, facts.is_ca);
	if (!trust_ring_is_used(&secure, ring, &why))
		sys_warning(sys, "mok.placement",
			    "%s: this kernel would put it into %s and would not use it for modules: %s", file,
			    ring == TRUST_RING_NONE ? "no key ring" : trust_ring_name(ring), why);
}

void mok_warn_placement(struct sys *sys, char *const *files, struct cert *const *certs, size_t n)
{
	_cleanup_machine_reading_ struct machine_reading reading = { 0 };

	if (machine_read(sys, &reading) < 0)
		return;
	if (trust_kernel_secure_boot(&reading.machine) == TRUST_NO)
		sys_warning(sys, "mok.secure-boot-off",
			    "Secure Boot is off: the kernel reads the MOK list only under Secure Boot");
	for (size_t i = 0; i < n; i++)
		warn_placement(sys, &reading.machine, files[i], certs[i]);
}
