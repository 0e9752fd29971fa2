import type { Context } from "../../../context.ts";
import { defined } from "../../../domain/defined.ts";
import type { Json, NewEvent } from "../../../domain/event.ts";
import { asError, invalidField, notFound, SignalboxError } from "../../../errors.ts";
import type { InboxRow } from "../../../inbox/inbox.ts";
import type { Intent } from "../../../store/records.ts";
import { usualTenant } from "../../access/identities.ts";
import { freshId } from "../../deps.ts";
import { announce, givenResource } from "../announce.ts";
import { callerOf, type UserInput } from "../caller.ts";
import { operationKey, postEvent } from "../operations/end.ts";
import { plainParams } from "../plain-params.ts";

/** A row of the inbox that can be published, as it goes into the commit. */
export interface ReadRow {
  readonly event: NewEvent;
  /** Remembered with the event, so that it is published once. */
  readonly key: string;
  /** The operation that it is the outcome of, where that has not ended yet: it ends in the same commit. */
  readonly intent?: Intent;
}

export type RowContext = Pick<Context, "catalog" | "clock" | "store">;

/** Unlike any key of an event that came over HTTP, which is 22 characters long. */
export function inboxKey({ event, operation }: Pick<InboxRow, "event" | "operation">): string {
  return operation === undefined ? `inbox:${event}` : operationKey(operation);
}

/**
 * What a row says, judged as `publishEvent` judges it.
 *
 * @throws SignalboxError with a status below 500 when it cannot be published: it says why.
 */
export async function readRow(context: RowContext, row: InboxRow, tenant: string): Promise<ReadRow> {
  const { store, catalog } = context;
  const { type, app, resource, operation } = row;
  if ((await store.identities.tenant(tenant)) === undefined) throw notFound(`tenant '${tenant}'`);
  const definition = catalog.get(type);
  if (definition === undefined) {
    throw invalidField("type", `${JSON.stringify(type)} is no event type: declare it, and retry this`);
  }
  if (definition.phase === "pre")
    throw invalidField("type", "is one of a PRE event, which no transaction can wait for");
  const params = plainParams("params", jsonOf("params", row.params));
  const key = inboxKey(row);
  const intent = operation === undefined ? undefined : await openIntent(context, { operation, tenant, type });
  if (intent !== undefined) {
    return { event: { ...postEvent(context, intent, { params, resource }), id: row.event }, key, intent };
  }
  const user = row.actor === undefined ? undefined : jsonOf("actor", row.actor);
  const caller = await callerOf(store, tenant, defined({ user: userIn(user), app }));
  const event = announce(context, {
    tenant,
    type,
    params,
    caller,
    id: row.event,
    timeMs: timeOf(row, context.clock.now()),
    data: { operation: operation ?? freshId(context.clock) },
    ...givenResource(resource),
  });
  return { event, key };
}

/** @throws SignalboxError `invalid_request` when it names none, there are several, and none is `default`. */
export async function tenantOf(context: Pick<RowContext, "store">, { tenant }: InboxRow): Promise<string> {
  const found = tenant ?? (await usualTenant(context.store));
  if (found !== undefined) return found;
  throw invalidField("tenant", "is missing, there are several tenants, and none is 'default': name one, or make it");
}

/** The intent that the row ends. A row that is about something else says so in vain: it is published, and ends nothing. */
async function openIntent(
  { store }: RowContext,
  row: { readonly operation: string; readonly tenant: string; readonly type: string },
): Promise<Intent | undefined> {
  const intent = await store.operations.intent(row.operation);
  return intent?.tenant === row.tenant && `POST_${intent.type}` === row.type ? intent : undefined;
}

function jsonOf(column: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (thrown) {
    throw new SignalboxError("invalid_request", `${column}: ${asError(thrown).message}`, { cause: thrown });
  }
}

function userIn(said: Json | undefined): UserInput | undefined {
  if (said === undefined || said === null) return undefined;
  if (typeof said === "string" || typeof said === "object") return said;
  throw invalidField("actor", "must be a name, or an object with a username or name");
}

/** As the row says, which is when the statement ran; a clock that goes ahead of ours makes no event of the future. */
function timeOf({ createdMs }: InboxRow, nowMs: number): number {
  return Number.isFinite(createdMs) && createdMs > 0 ? Math.min(Math.round(createdMs), nowMs) : nowMs;
}
