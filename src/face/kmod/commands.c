// SPDX-License-Identifier: MIT
#include "face/kmod/commands.h"

const struct command kmod_tools[] = {
#ifdef KMODCTL_DEPMOD
	{ "depmod", cmd_depmod, "compat depmod command" },
#endif
	{ "lsmod", cmd_lsmod, "compat lsmod command" },
	{ "modinfo", cmd_modinfo, "compat modinfo command" },
	{ "modprobe", cmd_modprobe, "compat modprobe command" },
	{ "rmmod", cmd_rmmod, "compat rmmod command" },
	{ "insmod", cmd_insmod, "compat insmod command" },
	{ "modules-load", cmd_modules_load, "load the modules listed in modules-load.d" },
	{ "systemd-modules-load", cmd_modules_load, "another name of modules-load" },
	{ 0 },
};

const struct command kmod_words[] = {
	{ "help", cmd_help, "Show help message" },
	{ "list", cmd_lsmod, "list currently loaded modules" },
	{ "static-nodes", cmd_static_nodes,
	  "outputs the static-node information installed with the currently running kernel" },
	{ 0 },
};
