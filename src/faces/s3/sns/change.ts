import type { Destination } from "../../../domain/destination.ts";
import { changeDestination } from "../../../subscriptions/destinations/destinations.ts";
import type { Action } from "./action.ts";
import { aboutTopic, changeOf, type RequestedTopic } from "./attributes.ts";

/** Changes what is said otherwise, if anything is. @throws SnsError InvalidParameter */
export async function changeTopic(
  { context, principal }: Action,
  found: Destination,
  asked: RequestedTopic,
): Promise<void> {
  const changed = changeOf(found, asked);
  if (changed === undefined) return;
  try {
    await changeDestination(context, principal, found.name, changed);
  } catch (thrown) {
    throw aboutTopic(thrown);
  }
}
