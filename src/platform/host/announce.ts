import type { Context } from "../../context.ts";
import type { EventTypeDefinition } from "../../domain/catalog.ts";
import { defined } from "../../domain/defined.ts";
import type { NewEvent } from "../../domain/event.ts";
import { kindOf, kinds, parseUuid, type Uuid } from "../../domain/ids.ts";
import type { LifecycleData, Params } from "../../domain/lifecycle.ts";
import { invalidField, SignalboxError } from "../../errors.ts";
import { freshId } from "../deps.ts";
import type { Caller } from "./caller.ts";

interface Announcement {
  readonly tenant: string;
  /** Of the phase `post`. */
  readonly type: string;
  /** As the host has them. */
  readonly params: Params;
  readonly caller: Caller;
  /** By which way it comes. Default `library`. */
  readonly origin?: string;
  readonly data: Pick<LifecycleData, "operation" | "chain">;
  /** Id of the event. Absent: a new one. */
  readonly id?: string;
  /** When it happened. Absent: now. */
  readonly timeMs?: number;
  /** What it is about. Absent: `params.uuid` if that has the form of a resource uuid, else one made of the operation's id. */
  readonly resource?: Uuid;
}

/**
 * A POST event, ready to be committed.
 *
 * @throws SignalboxError `invalid_request` when there is no such type, or the params do not fit it.
 */
export function announce(
  { catalog, clock }: Pick<Context, "catalog" | "clock">,
  { tenant, type, params, caller, origin = "library", data, resource, id, timeMs }: Announcement,
): NewEvent {
  const prepared = catalog.prepare(type, params);
  const { actor, user, app } = caller;
  return {
    id: id ?? freshId(clock),
    tenant,
    resource: resource ?? uuidIn(prepared) ?? madeBy(data.operation, catalog.get(type)),
    names: { lifecycle: type },
    ...defined({ actor }),
    origin,
    timeMs: timeMs ?? clock.now(),
    data: {
      params: prepared,
      ...defined({ user }),
      ...(app === undefined ? {} : { app: { ...app } }),
      operation: data.operation,
      ...(data.chain === undefined ? {} : { chain: { ...data.chain } }),
    },
  };
}

function uuidIn({ uuid }: Params): Uuid | undefined {
  return typeof uuid === "string" ? parseUuid(uuid) : undefined;
}

/** A name for what an operation made: it leads back to the operation, and all events of the operation have it. */
function madeBy(operation: string, definition: EventTypeDefinition | undefined): Uuid {
  const uuid = parseUuid(`${operation}-${kinds[kindOf(definition?.resource ?? "")]}`);
  if (uuid === undefined) throw new SignalboxError("internal", "an operation's id has not the form of a uuid");
  return uuid;
}

/** @throws SignalboxError `invalid_request` when `resource` is not of the form of a resource uuid. */
export function givenResource(resource: string | undefined): { readonly resource?: Uuid } {
  if (resource === undefined) return {};
  const uuid = parseUuid(resource);
  if (uuid !== undefined) return { resource: uuid };
  throw invalidField("resource", "must be a resource uuid: at most 60 of 0-9, A-Z, a-z and -, then - and 3 digits");
}
