import type { Context } from "../context.ts";
import { isAnnounced } from "../delivery/event-scopes.ts";
import { Visibility } from "../delivery/visibility.ts";
import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Event } from "../domain/event.ts";
import { anyResource } from "../domain/ids.ts";
import { isAdmin } from "../domain/visibility.ts";
import { inTurn } from "../platform/search.ts";
import type { Place } from "./place.ts";

/** What happened lately, as a subscription of the caller's would have been told. */

/** Of all tenants, the events that are looked at: "recent" is not worth more. */
const recentWindow = 20_000;
/** That one page of the store looks at, as `Store.events` says. */
const pageWindow = 1_000;
/** Read together: other events than those of objects may be large. */
const readTogether = 20;
/** And read in all: some are not announced there, or not to this caller. */
const mostRead = 1_000;

interface Recent {
  /** Where the caller may listen, as `wantedPlace` says. */
  readonly place: Pick<Place, "face" | "event" | "scope">;
  readonly most: number;
  readonly signal: AbortSignal;
}

/** The newest events that are announced there and that the caller sees, newest first. */
export async function recentEvents(
  deps: Pick<Context, "store" | "slices">,
  caller: Principal,
  { place, most, signal }: Recent,
): Promise<readonly Event[]> {
  const { tenant } = caller;
  const { face, scope } = place;
  const visibility = new Visibility(deps.store);
  // Of other faces one sees all where one may listen.
  const seesAll = face !== "notifications" || isAdmin(caller);
  const watching = { owner: caller.name, scope, face };
  const query = { tenant, face, ...narrowed(place) };
  const found: Event[] = [];
  let after: number | undefined;
  let looked = 0;
  let read = 0;
  while (found.length < most && looked < recentWindow && read < mostRead && !signal.aborted) {
    const max = face === "objects" ? most - found.length : readTogether;
    const page = { max, ...defined({ after }) };
    const { events, next } = await inTurn(deps, tenant, () => deps.store.events.recent(query, page));
    for (const event of events) {
      if (event.addressee !== undefined || !isAnnounced(event, place)) continue;
      if (seesAll || (await inTurn(deps, tenant, () => visibility.isSeen(event, watching)))) found.push(event);
    }
    read += events.length;
    // A full page may have more behind it in the same window.
    const isFull = events.length >= max;
    if (!isFull) looked += pageWindow;
    after = isFull ? events.at(-1)?.sequence : next;
    if (after === undefined) break;
  }
  return found.slice(0, most);
}

/** What the store can tell apart. On the notifications face names differ by what one watches. */
function narrowed({ face, event, scope }: Recent["place"]) {
  const name = face === "notifications" || event === "*" ? {} : { name: event };
  if (face === "lifecycle" || scope === anyResource) return name;
  return face === "objects" ? { ...name, scope } : { about: scope };
}
