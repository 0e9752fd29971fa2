import type { TargetSecrets } from "../domain/subscription.ts";

/** How long the signing secret before the newest is still used. */
export const overlapMs = 86_400_000;
const mostSecrets = 5;

/**
 * The secrets with a new one that signs from now on; the one before it signs too for {@link overlapMs}.
 *
 * @param after the last revision of the subscription that did not have it.
 */
export function withNewSecret(
  signing: TargetSecrets["signing"],
  { secret, nowMs, after }: { readonly secret: string; readonly nowMs: number; readonly after: number },
): TargetSecrets["signing"] {
  const untilMs = nowMs + overlapMs;
  const old = signing.map((one) => ({ ...one, untilMs: one.untilMs ?? untilMs })).filter((one) => one.untilMs > nowMs);
  return [{ secret, after, aloneFromMs: untilMs }, ...old].slice(0, mostSecrets);
}

/** Until when a secret before the newest signs too; `undefined` once none does. */
export function previousSecretUntil(signing: TargetSecrets["signing"], nowMs: number): number | undefined {
  const ends = signing.slice(1).flatMap(({ untilMs }) => (untilMs !== undefined && untilMs > nowMs ? [untilMs] : []));
  return ends.length === 0 ? undefined : Math.max(...ends);
}
