import type { Context } from "../../../context.ts";
import { SignalboxError } from "../../../errors.ts";
import type { AsideRow } from "../../../inbox/inbox.ts";
import type { InboxRelay } from "./relay.ts";

/** What the relay could not publish, for who runs Signalbox: the inbox has events of all tenants. */

type AsidesContext = Pick<Context, "inbox">;

/** Oldest first; `after` is the id of a row. */
export async function listAsides(
  { inbox }: AsidesContext,
  page: { readonly max: number; readonly after?: string },
): Promise<AsideRow[]> {
  return inbox === undefined ? [] : inbox.asides(page);
}

/**
 * Has it tried again, in its old place before those that were written after it.
 *
 * @param event its id.
 * @throws SignalboxError `not_found`; `unavailable` when the inbox cannot be reached.
 */
export async function retryAside(
  { inbox }: AsidesContext,
  relay: Pick<InboxRelay, "wake"> | undefined,
  event: string,
): Promise<AsideRow> {
  const found = isUuid(event) ? await inbox?.retry(event) : undefined;
  if (found === undefined) throw noneThere(event);
  relay?.wake();
  return found;
}

/** Deletes it: it will never be published. @throws as {@link retryAside} does. */
export async function dropAside({ inbox }: AsidesContext, event: string): Promise<AsideRow> {
  const found = isUuid(event) ? await inbox?.drop(event) : undefined;
  if (found === undefined) throw noneThere(event);
  return found;
}

function noneThere(event: string): SignalboxError {
  return new SignalboxError("not_found", `no event ${event.slice(0, 64)} of the inbox is set aside`);
}

/** Of anything else PostgreSQL would say that it is none. */
function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
