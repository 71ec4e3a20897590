/* SPDX-License-Identifier: MIT */
#pragma once

/* Marks what the shared library exports; libkmod.sym gives the versions. */
#define KMOD_EXPORT __attribute__((visibility("default")))
