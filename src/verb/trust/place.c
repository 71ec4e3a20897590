// SPDX-License-Identifier: MIT
#include "verb/trust/place.h"

#include "act/sign/cert_kernel.h"
#include "system/release.h"

void trust_certificate_standing(const struct trust_context *ctx, const struct cert *cert, struct cert_standing *ret)
{
	const struct kernel_target kernel = {
		.version = ctx->machine.version ? ctx->machine.version : RELEASE_VERSION_ASSUMED,
		.config = ctx->reading->config,
	};

	cert_judge(cert, &kernel, ret);
}

unsigned trust_entry_rings(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e)
{
	struct cert_standing standing;
	enum trust_origin origin;

	if ((!ctx->assumed && key_stores_show_rings(ctx->stores)) || !key_store_origin(store, &origin))
		return 1u << key_entry_ring(e);
	trust_certificate_standing(ctx, e->cert, &standing);
	return standing.on_ring ? trust_rings_for(&ctx->machine, origin, key_entry_use(e)) : 1u << TRUST_RING_NONE;
}

enum trust_ring trust_entry_ring(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e)
{
	return trust_first_ring(trust_entry_rings(ctx, store, e));
}

bool trust_entry_revokes(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e)
{
	enum trust_origin origin;

	if (!e->cert || (store != STORE_DBX && store != STORE_MOKX))
		return false;
	if (!ctx->assumed)
		return e->seen_in & 1u << TRUST_RING_BLACKLIST;
	return key_store_origin(store, &origin) &&
	       trust_ring_for(&ctx->machine, origin, key_entry_use(e)) == TRUST_RING_BLACKLIST;
}
