import { maxDestinationUsers } from "../domain/destination.ts";
import type { Target } from "../domain/subscription.ts";
import { invalidField, SignalboxError } from "../errors.ts";
import type { Condition } from "../store/unit.ts";

/** What must hold when a subscription begins to go to a destination. */

/**
 * Of a subscription whose target becomes this one.
 *
 * @param before the target that it takes the place of: who goes there already is counted already.
 */
export function destinationConditions(target: Target, before?: Target): readonly Condition[] {
  if (target.kind !== "destination") return [];
  const { destination: number } = target;
  const isUser = before?.kind === "destination" && before.destination === number;
  return [
    { if: "destination.live", number },
    ...(isUser ? [] : [{ if: "destination.usersFewer", number, fewer: maxDestinationUsers } as const]),
  ];
}

/** @throws SignalboxError when it is one of {@link destinationConditions} that did not hold. */
export function refusedOfDestination(target: Target, condition: Condition): void {
  const name = target.kind === "destination" ? target.name : "";
  if (condition.if === "destination.live") throw destinationGone(name);
  if (condition.if === "destination.usersFewer") {
    const most = `${maxDestinationUsers} subscriptions go to destination '${name}', and no more may`;
    throw new SignalboxError("conflict", `${most}; make another destination`);
  }
}

export function destinationGone(name: string): SignalboxError {
  return invalidField("target.name", `destination '${name}' was deleted: name another one`);
}
