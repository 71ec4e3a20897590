// SPDX-License-Identifier: MIT
#include "base/dl.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

int dl_load(const char *soname, const struct dl_symbol *symbols)
{
	void *lib;

	if (symbols->linked) {
		for (const struct dl_symbol *s = symbols; s->name; s++)
			*s->into = s->linked;
		return 0;
	}
	lib = dlopen(soname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!lib)
		return -ENOENT;
	for (const struct dl_symbol *s = symbols; s->name; s++) {
		if (!dlsym(lib, s->name)) {
			dlclose(lib);
			return -ENOENT;
		}
	}
	for (const struct dl_symbol *s = symbols; s->name; s++)
		*s->into = dlsym(lib, s->name);
	return 0;
}

int dl_library_load(struct dl_library *l)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	int status;

	pthread_mutex_lock(&mutex);
	if (!l->tried)
		l->status = dl_load(l->soname, l->symbols);
	l->tried = true;
	status = l->status;
	pthread_mutex_unlock(&mutex);
	return status;
}
