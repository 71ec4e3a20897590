// SPDX-License-Identifier: MIT
/* Was the module built for this kind of machine, and is it an object that the kernel links? */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "read/kernel/calls.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"

/* What uname(2) says of kernels; one of 64 bits may call itself by the name of its 32-bit one (personality(2)). */
static const struct {
	const char *name, *uts;
	uint16_t machine;
	bool is64, big;
} machines[] = {
	{ "x86-64", "x86_64", EM_X86_64, true, false },    { "32-bit x86", NULL, EM_386, false, false },
	{ "aarch64", "aarch64", EM_AARCH64, true, false }, { "32-bit ARM", NULL, EM_ARM, false, false },
	{ "riscv64", "riscv64", EM_RISCV, true, false },   { "loongarch64", "loongarch64", 258, true, false },
	{ "s390x", "s390x", EM_S390, true, true },         { "ppc64le", "ppc64le", EM_PPC64, true, false },
	{ "ppc64", "ppc64", EM_PPC64, true, true },        { "mips64", NULL, EM_MIPS, true, true },
	{ "32-bit MIPS", NULL, EM_MIPS, false, true },
};

static const char *name_of(const struct elf *e)
{
	for (size_t i = 0; i < ELEMENTSOF(machines); i++)
		if (machines[i].machine == e->machine && machines[i].is64 == e->is64 && machines[i].big == e->big)
			return machines[i].name;
	return "another kind of machine";
}

/* Only what a name that nothing else has says, is known. */
bool why_is_foreign(const struct elf *e, const char *uts)
{
	for (size_t i = 0; i < ELEMENTSOF(machines); i++)
		if (machines[i].uts && strcmp(machines[i].uts, uts) == 0)
			return machines[i].machine != e->machine || machines[i].is64 != e->is64 ||
			       machines[i].big != e->big;
	return false;
}

static int tell_type(struct subject *s)
{
	int r = why_add(s->found, WHY_OBSTACLE, WHY_NOT_ELF, NULL,
			"%s is a program or a library, and no module: the kernel takes relocatable objects", s->path);

	return r < 0 ? r : why_fix(s->found, "give the .ko file that the build of the module made");
}

int why_machine(struct subject *s)
{
	struct utsname uts = { 0 };
	int r;

	if (!s->is_elf)
		return 0;
	if (s->elf.type != ET_REL)
		return tell_type(s);
	if (kernel_uname(s->q->sys->kernel, &uts) < 0 || !why_is_foreign(&s->elf, uts.machine))
		return 0;
	r = why_add(s->found, WHY_OBSTACLE, WHY_ARCHITECTURE, NULL, "it was built for %s, and this kernel is for %s",
		    name_of(&s->elf), uts.machine);
	if (r >= 0)
		r = why_fix(s->found, "install, or build, the module for %s", uts.machine);
	return r < 0 ? r : remedy_file(s->found, &s->q->sys->root, s->q->release, s->path);
}
