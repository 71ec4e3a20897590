/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the initramfs of the release has of the configuration: modules that are loaded before the root file system is
 * there are loaded with what it says.
 */

#include "base/map.h"
#include "verb/config/config.h"

struct config_copy {
	char *name;    /* "etc/modprobe.d/x.conf" */
	char *content; /* n bytes; NULL: it is a link or something else that has no text */
	size_t n;
};

struct config_image {
	char *path;                /* NULL: none was found */
	int error;                 /* 0, or -errno: it could not be read; -ENOSYS: it is packed in an unknown way */
	struct config_copy *items; /* its files of modprobe.d and modules-load.d */
	size_t n, cap;
	struct map by_name; /* name -> number, from 1 on; of several files of one name the last counts */
};

/* 0 or -ENOMEM: an image that cannot be read is no error. */
int config_image_open(const struct config *c, struct config_image *ret);
void config_image_close(struct config_image *i);
/* Sets in_image of all lines. -ENOMEM. */
int config_image_compare(struct config *c, const struct config_image *i);
/* How many seconds the image was old when the file was changed; 0: it is not older, or that is not known. */
int64_t config_image_age(const struct config *c, const struct config_image *i, const char *file);
/* Why nothing is known of the image. NULL: it was read. */
const char *config_image_trouble(const struct config_image *i);

#define _cleanup_config_image_ _cleanup_(config_image_close)
