// SPDX-License-Identifier: MIT
/* A device that the driver of a loaded module has left alone: what the kernel's log says of it. */
#include <errno.h>
#include <string.h>

#include "base/oom.h"
#include "read/kernel/kmsg.h"
#include "verb/why/firmware.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"

#define FIRMWARE "firmware load for "

struct log_search {
	const struct modalias *const *devices;
	size_t n;
	struct buf *last; /* the last record of each */
};

/* The kernel begins what it says of a device with "DRIVER DEVICE: ". */
static bool is_of_device(const char *text, const char *device)
{
	const char *blank = strchr(text, ' ');
	size_t n = strlen(device);

	return blank && strncmp(blank + 1, device, n) == 0 && strncmp(blank + 1 + n, ": ", 2) == 0;
}

static int look(void *data, const struct kmsg_record *record)
{
	struct log_search *x = data;
	int r = 0;

	for (size_t i = 0; i < x->n && r >= 0 && kmsg_is_kernels(record); i++) {
		if (!is_of_device(record->text, x->devices[i]->name))
			continue;
		buf_clear(&x->last[i]);
		r = buf_adds(&x->last[i], record->text);
	}
	return r;
}

/* The file in "... Direct firmware load for FILE failed with error -2"; empty: it is about something else. */
static struct span firmware_in(const char *text)
{
	const char *file = strstr(text, FIRMWARE), *end = file ? strstr(file, " failed with error ") : NULL;

	file = end ? file + strlen(FIRMWARE) : NULL;
	return span_of(file, end ? (size_t)(end - file) : 0);
}

static int tell_firmware(struct subject *s, const struct modalias *d, struct span file, const char *logged)
{
	_cleanup_buf_ struct buf name = BUF_INIT, place = BUF_INIT;
	const struct root *root = &s->q->sys->root;
	int r = buf_add(&name, file.p, file.n);

	if (r >= 0)
		r = firmware_find(root, s->q->release, buf_str(&name), &place);
	if (r >= 0)
		r = why_add(s->found, WHY_TROUBLE, WHY_FIRMWARE_MISSING, NULL,
			    "the kernel did not get a firmware file for device %s (%s), says its log: %s%s%s%s",
			    d->name, d->bus, logged, place.n ? "; it is in " : "", buf_str(&place),
			    place.n ? " now" : "");
	if (r < 0)
		return r;
	if (place.n)
		return why_fix(s->found,
			       "load the module again; if the initramfs loads it, rebuild the initramfs first");
	r = why_fix(s->found, "install the package that has it; if the initramfs loads the module, rebuild the "
			      "initramfs; then load the module again");
	return r < 0 ? r : remedy_firmware(s->found, root, buf_str(&name));
}

int why_read_device_log(struct subject *s, const struct modalias *const *devices, size_t n, struct buf *ret)
{
	struct log_search x = { .devices = devices, .n = n, .last = ret };
	bool from_boot;

	return only_oom(kmsg_each(&s->q->sys->root, look, &x, &from_boot));
}

int why_unbound(struct subject *s, const struct modalias *d, const struct buf *last)
{
	const char *logged = last->n ? buf_str(last) : NULL;
	struct span file = logged ? firmware_in(logged) : span_of(NULL, 0);
	int r = 0;

	if (file.n)
		r = tell_firmware(s, d, file, logged);
	if (r >= 0)
		r = why_add(s->found, WHY_TROUBLE, WHY_DEVICE_UNBOUND, NULL,
			    "device %s (%s) matches, but is not bound to its driver%s%s", d->name, d->bus,
			    logged && !file.n ? "; the kernel's log says of it: " : "",
			    logged && !file.n ? logged : "");
	if (r >= 0)
		r = why_fix(s->found, "the kernel log says why: dmesg | grep %s", d->name);
	return r;
}
