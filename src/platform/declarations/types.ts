import type { Context } from "../../context.ts";
import { type Principal, roleReaches } from "../../domain/access.ts";
import type { EventTypeDefinition } from "../../domain/catalog.ts";
import { type EventDeclarations, eventDeclarations } from "../../domain/event-declarations.ts";
import { invalidEventType } from "../../domain/event-types.ts";
import { type TypesLanguage, writeTypes } from "../../domain/types/written-types.ts";
import { invalidField } from "../../errors.ts";

/** Types of what is sent to a tenant, as it is declared at this moment. */

type TypesContext = Pick<Context, "store" | "slices" | "declared">;

interface AskedTypes {
  readonly language: TypesLanguage;
  /** Only of these event types; what is sent of resources and objects is left out then. Empty: of everything. */
  readonly events: readonly string[];
}

/**
 * The text of a module, or of a JSON Schema. Attributes of users are what the tenant says for callers who may see that, and anything for others.
 *
 * @throws SignalboxError `invalid_request` about `event` for a type that there is not, or when all of them come to too much; `too_many_requests`.
 */
export async function typesOf(
  { store, slices, declared }: TypesContext,
  caller: Principal,
  { language, events }: AskedTypes,
  signal?: AbortSignal,
): Promise<string> {
  await declared.refresh();
  const { catalog, kinds } = declared;
  const types = [...new Set(events.length === 0 ? catalog.names : events)].flatMap((name) => {
    const known = catalog.get(name);
    if (known === undefined && events.length > 0) throw invalidField("event", invalidEventType(name, catalog.names));
    return known ?? [];
  });
  const work = writeTypes(language, {
    types,
    kinds: events.length === 0 ? kinds.all : [],
    attributes: await attributesFor(store, caller),
  });
  return slices.run(caller.tenant, work, signal);
}

/** Of one event type, with the function of it. */
export async function declarationsOf(
  { store, slices }: Pick<TypesContext, "store" | "slices">,
  caller: Principal,
  definition: EventTypeDefinition,
  signal?: AbortSignal,
): Promise<EventDeclarations> {
  const work = eventDeclarations(definition, await attributesFor(store, caller));
  return slices.run(caller.tenant, work, signal);
}

async function attributesFor(store: TypesContext["store"], { role, tenant }: Principal) {
  return roleReaches(role, "developer") ? await store.users.schema(tenant) : undefined;
}
