import type { Context } from "../../../context.ts";
import { newSigningSecret } from "../../../domain/signature.ts";
import type { SigningSecret } from "../../../domain/subscription.ts";
import { parseOpenUrl } from "../../../domain/webhook-url.ts";
import { notFound, SignalboxError } from "../../../errors.ts";
import type { Resolver } from "../../../store/resolvers.ts";

/** The resolver of a tenant, or of all: where a platform is asked what became of operations that it began and reported no end of. */

export type ResolverContext = Pick<Context, "store" | "publish" | "vault" | "clock" | "egressAllow">;

/** How long the secret before the newest still signs. */
const overlapMs = 86_400_000;

interface PutResolver {
  readonly url: string;
  /** Whether there is to be a new signing secret; the one before it signs too for a day. The first has one in any case. */
  readonly newSecret: boolean;
}

/**
 * @param tenant or {@link everyTenant}.
 * @returns `signingSecret`: when there is a new one, which is shown this once.
 * @throws SignalboxError `invalid_request` about `url`; `conflict` when another request came between.
 */
export async function putResolver(
  { store, publish, vault, clock, egressAllow }: ResolverContext,
  tenant: string,
  { url: said, newSecret }: PutResolver,
): Promise<{ readonly resolver: Resolver; readonly signingSecret?: string }> {
  const url = parseOpenUrl(said, { egressAllow, macros: [] });
  const before = await store.resolvers.get(tenant);
  const signingSecret = before === undefined || newSecret ? newSigningSecret(clock.bytes(32)) : undefined;
  const nowMs = clock.now();
  const kept = before === undefined ? [] : liveSecrets(vault, before, nowMs);
  const [newest, ...older] = kept;
  const secrets =
    signingSecret === undefined
      ? kept
      : [
          { secret: signingSecret },
          ...(newest === undefined ? [] : [{ secret: newest.secret, untilMs: nowMs + overlapMs }]),
          ...older.slice(0, 3),
        ];
  const resolver: Resolver = {
    tenant,
    url,
    sealed: vault.seal(JSON.stringify(secrets)),
    createdMs: before?.createdMs ?? nowMs,
    // No two changes have the same: by it the next one knows that none came between.
    updatedMs: Math.max(nowMs, (before?.updatedMs ?? 0) + 1),
  };
  const commit = await publish({
    conditions: [{ if: "resolver.unchanged", tenant, updatedMs: before?.updatedMs }],
    changes: [{ do: "resolver.put", resolver }],
  });
  if (commit.kind === "refused") {
    throw new SignalboxError(
      "conflict",
      "another request has changed the resolver meanwhile: look at it, and try again",
    );
  }
  return { resolver, ...(signingSecret === undefined ? {} : { signingSecret }) };
}

/** @throws SignalboxError `not_found` */
export async function findResolver({ store }: Pick<ResolverContext, "store">, tenant: string): Promise<Resolver> {
  const resolver = await store.resolvers.get(tenant);
  if (resolver === undefined) throw notFound("a resolver");
  return resolver;
}

/** Operations are asked about at that of all tenants then, if there is one. @throws SignalboxError `not_found` */
export async function removeResolver(
  context: Pick<ResolverContext, "store" | "publish">,
  tenant: string,
): Promise<void> {
  await findResolver(context, tenant);
  await context.publish({ changes: [{ do: "resolver.remove", tenant }] });
}

/** By which what is asked is signed now, the newest first. May throw. */
export function liveSecrets(
  vault: Pick<Context["vault"], "open">,
  { sealed }: Resolver,
  nowMs: number,
): readonly Pick<SigningSecret, "secret" | "untilMs">[] {
  const secrets = JSON.parse(vault.open(sealed)) as readonly Pick<SigningSecret, "secret" | "untilMs">[];
  return secrets.filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs);
}
