/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The parts of DER that messages and certificates share, taken and refused as the kernel's decoder does: lengths of at
 * most two octets, nothing beyond what the grammar names. Measured (docs/formats/signature.md).
 */

#include "read/image/der.h"

/* der_next(), which refuses longer lengths, too. */
int form_next(struct span *in, struct der_item *ret);
/* Where a constructed element belongs, the bit that says so is not looked at. */
bool form_is_tag(uint8_t found, uint8_t wanted);
/* The next element must have this tag. -EBADMSG */
int form_expect(struct span *in, uint8_t tag, struct der_item *ret);
/* Removes the first element if it has this tag: 1 removed, 0 not there, -EBADMSG. */
int form_optional(struct span *in, uint8_t tag, struct der_item *ret);
/* AlgorithmIdentifier: its OID, and whatever one parameter there is (n == 0: none). */
int form_algorithm(struct span *in, struct span *ret_oid, struct span *ret_parameter);
/* Name: the contents of the SEQUENCE, in which there must be an entry. */
int form_name(struct span *in, struct span *ret);
