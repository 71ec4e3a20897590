/* SPDX-License-Identifier: MIT */
#pragma once

/* The state of the machine with regard to machine owner keys, and the outcome of each request. */

#include "decide/verdict/machine.h"
#include "system/sys.h"
#include "verb/mok/journal.h"
#include "verb/mok/shim.h"

/* The outcome of one request of the journal. */
struct mok_request_status {
	enum mok_outcome outcome;
	enum trust_ring ring; /* that the key is in now; TRUST_RING_NONE */
	bool on_no_ring;      /* the key is enrolled, rings are shown, and none has it */
};

struct mok_status {
	struct mok_machine machine;
	size_t enrolled, blocked, waiting, deleting; /* keys */
	bool reset;                                  /* a request to erase a list is pending */
	int validation, trust;                       /* a pending switch: 1 on, 0 off, -1 none */
	struct journal journal;
	struct mok_request_status *requests; /* one for each entry of the journal */
};

/* Changes nothing: outcomes that become known are not recorded. 0 or -errno. */
int mok_status_look(struct sys *sys, struct mok_status *ret);
/* Outcomes that become known are recorded in the journal, if it can be written. 0 or -errno. */
int mok_status_read(struct sys *sys, struct mok_status *ret);
void mok_status_done(struct mok_status *s);

#define _cleanup_mok_status_ _cleanup_(mok_status_done)
