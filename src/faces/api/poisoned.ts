import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { sequenceText } from "../../domain/ids.ts";
import { listPoisoned, redrivePoisoned } from "../../history/poisoned.ts";
import type { AsideEvent } from "../../store/store.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, paging, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";

const shownPoisoned = named(
  "PoisonedEvent",
  Type.Object({
    id: Type.String({ description: "Of the event." }),
    sequence: Type.String(),
    resource: Type.String(),
    names: Type.Record(Type.String(), Type.String(), { description: "The event's name on each face." }),
    time: instant,
    since: Type.String({ format: "date-time", description: "When it was set aside." }),
  }),
);

function show({ event, sinceMs }: AsideEvent): Static<typeof shownPoisoned> {
  const { id, sequence, resource, names, timeMs } = event;
  return {
    id,
    sequence: sequenceText(sequence),
    resource,
    names: { ...names },
    time: shownInstant(timeMs),
    since: shownInstant(sinceMs),
  };
}

/** Events whose dispatch killed the process twice: they are kept, and the rest goes on. */
export function poisonedRoutes(deps: Pick<Context, "clock" | "redispatch" | "store" | "vault">): Route[] {
  const path = "/api/cloud/poisoned/";
  const common = { role: "admin", tag: "deliveries" } as const;
  const cursors = new Cursors<number>(deps.vault, "poisoned");
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists events that were set aside because their dispatch killed the process twice, oldest first",
      query: Type.Object(paging),
      message: "Poisoned events retrieved",
      data: Type.Object({ poisoned: Type.Array(shownPoisoned), next_cursor: nextCursor }),
      handle: async ({ caller, query }) => {
        const page = cursors.page(caller, query);
        const found = await listPoisoned(deps.store, caller, { ...page, max: page.max + 1 });
        const shown = found.slice(0, page.max);
        const last = found.length > page.max ? shown.at(-1)?.event.sequence : undefined;
        return {
          poisoned: shown.map(show),
          ...cursors.next(caller, last),
        };
      },
    }),
    route({
      ...common,
      method: "POST",
      path: `${path}:id/redrive/`,
      summary: "Has a poisoned event dispatched again",
      description: "Once what made it kill the process is mended. Should it do so again, it is set aside again.",
      params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
      status: 202,
      message: "Redrive started",
      data: shownPoisoned,
      handle: async ({ caller, params }) => show(await redrivePoisoned(deps, caller, params.id)),
    }),
  ];
}
