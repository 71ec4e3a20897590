/* SPDX-License-Identifier: MIT */
#pragma once

/* Names of hashes: the kernel's sign-file takes every one that libcrypto has ("SHA2-256", "RSA-SHA256"). */

/* The name in cms.h of that hash; another name comes back as it is. */
const char *hash_alias(const char *name);
