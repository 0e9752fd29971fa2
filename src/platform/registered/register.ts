import { isDeepStrictEqual } from "node:util";
import { defined } from "../../domain/defined.ts";
import type { NewEvent } from "../../domain/event.ts";
import type { Uuid } from "../../domain/ids.ts";
import { invalidField, notFound, SignalboxError } from "../../errors.ts";
import { commitOptimistically } from "../../store/optimistic.ts";
import type { Registered } from "../../store/records.ts";
import type { Change, Condition, Unit } from "../../store/unit.ts";
import type { By } from "../asking.ts";
import { carriedOutElsewhere } from "../committed-events.ts";
import { readId, readOwner, registeredData } from "./input.ts";
import { readParents } from "./parents.ts";
import { hostEvent, hostKind, type RegisteredContext, whileAlone } from "./resource.ts";
import { eachRow, type RequestRow } from "./rows.ts";
import { TenantView } from "./view.ts";

/** Registering resources of the host's own: one or many in one commit. */

/** What is said of one; programs without types may say anything. */
interface Registration {
  readonly kind: unknown;
  /** Absent: one is made. */
  readonly id?: unknown;
  readonly owner: unknown;
  readonly app?: string;
  readonly parents?: unknown;
  readonly data?: unknown;
}

export interface Registering {
  readonly tenant: string;
  readonly rows: readonly RequestRow<Registration>[];
  /** What the caller calls the id. */
  readonly idField: "id" | "uuid";
  /** Of one that is registered already: it is refused, or becomes what is said of it now. */
  readonly existing: "refuse" | "change";
  /** Whether an event tells of it. */
  readonly announce: boolean;
  readonly by: By;
  /** What else belongs into the commit: what is remembered of the request. */
  readonly also?: (rows: readonly RegisteredRow[]) => Pick<Unit, "conditions" | "changes">;
}

/** What came of a row. */
export interface RegisteredRow {
  readonly done: "registered" | "changed" | "unchanged";
  readonly resource: Omit<Registered, "revision">;
}

/**
 * In one commit: all of them or none. Those that come later may lie in those that come earlier.
 *
 * @throws SignalboxError `invalid_request` with every field of every row that is wrong; `conflict` for ids that are taken, and for one that
 * is of another kind; `not_found` for an unknown tenant or app; `unavailable` when others keep changing the same.
 */
export function registerAll(context: RegisteredContext, registering: Registering): Promise<readonly RegisteredRow[]> {
  const { publish } = context;
  const said = registering.rows.flatMap(({ said: { id } }) => (typeof id === "string" ? [id] : []));
  return whileAlone(context, said, () =>
    commitOptimistically({ publish, what: "resource" }, async () => {
      const { tenant, idField, rows, also } = registering;
      const planned = await plan(context, registering);
      const more = also?.(planned.map(({ row }) => row));
      return {
        unit: {
          conditions: [
            { if: "tenant.exists", id: tenant },
            ...planned.flatMap(({ conditions }) => conditions),
            ...(more?.conditions ?? []),
          ],
          changes: [...planned.flatMap(({ changes }) => changes), ...(more?.changes ?? [])],
          events: planned.flatMap(({ events }) => events),
        },
        committed: () => planned.map(({ row }) => row),
        refused: (condition) => {
          carriedOutElsewhere(condition);
          if (condition.if === "tenant.exists") throw notFound(`tenant '${tenant}'`);
          if (condition.if !== "resource.absent") return;
          const index = planned.findIndex(({ row }) => row.resource.uuid === condition.uuid);
          // Something of Signalbox's own, which no look at what is registered finds.
          throw taken(rows[index]?.at ?? "", idField, condition.uuid);
        },
      };
    }),
  );
}

interface Planned {
  readonly row: RegisteredRow;
  readonly conditions: readonly Condition[];
  readonly changes: readonly Change[];
  readonly events: readonly NewEvent[];
}

async function plan(context: RegisteredContext, registering: Registering): Promise<readonly Planned[]> {
  const { tenant, rows, idField, existing } = registering;
  const view = new TenantView(context.store, tenant);
  const places = new Map<Uuid, string>();
  return eachRow(rows, async ({ at, said }) => {
    const after = await read(context, { view, said, idField });
    const { uuid } = after;
    const first = places.get(uuid);
    if (first !== undefined) throw invalidField(idField, `is that of ${first} too`);
    places.set(uuid, at);
    const before = await view.registered(uuid);
    if (before !== undefined && existing === "refuse") throw taken("", idField, uuid);
    if (before !== undefined && before.kind !== after.kind) throw otherKind(before);
    const row = before === undefined ? ({ done: "registered", resource: after } as const) : changed(before, after);
    if (row.done === "unchanged") return { row, conditions: [], changes: [], events: [] };
    view.put(row.resource);
    const revision = view.revision(uuid);
    return {
      row,
      conditions: [
        revision === undefined ? { if: "resource.absent", uuid } : { if: "registered.revision", uuid, revision },
      ],
      changes: [{ do: "registered.put", resource: row.resource }],
      events: await told(context, { view, row, registering }),
    };
  });
}

async function told(
  context: RegisteredContext,
  {
    view,
    row,
    registering,
  }: { readonly view: TenantView; readonly row: RegisteredRow; readonly registering: Registering },
): Promise<NewEvent[]> {
  if (!registering.announce) return [];
  const { kind } = row.resource;
  // Apps are registered, as documented, which raises `CREATED`, too.
  const name = row.done === "changed" ? "UPDATED" : kind === "app" ? "REGISTERED" : "CREATED";
  return [await hostEvent(context, view, row.resource, { name, by: registering.by })];
}

async function read(
  context: RegisteredContext,
  { view, said, idField }: { readonly view: TenantView; readonly said: Registration } & Pick<Registering, "idField">,
): Promise<Omit<Registered, "revision">> {
  const { clock } = context;
  const kind = hostKind(context, said.kind);
  const uuid = readId(said.id, kind, { clock, field: idField });
  const app = said.app === undefined ? undefined : await view.app(said.app);
  const nowMs = clock.now();
  const parents = await readParents(
    view,
    { kind, uuid, ...(app === undefined ? {} : { app: app.uuid }) },
    said.parents,
  );
  return {
    uuid,
    tenant: view.tenant,
    kind: kind.name,
    owner: readOwner(said.owner),
    ...(app === undefined ? {} : { app: app.slug }),
    ...defined({ parents }),
    data: registeredData(said.data),
    createdMs: nowMs,
    updatedMs: nowMs,
  };
}

type Facts = Omit<Registered, "revision">;

function changed(before: Facts, after: Facts): RegisteredRow {
  const facts = ({ owner, app, parents, data }: Facts): object => ({ owner, app, parents, data });
  if (isDeepStrictEqual(facts(before), facts(after))) return { done: "unchanged", resource: before };
  return { done: "changed", resource: { ...after, createdMs: before.createdMs } };
}

function taken(at: string, idField: string, uuid: string): SignalboxError {
  const path = at === "" ? idField : `${at}.${idField}`;
  return new SignalboxError("conflict", `${path}: a resource '${uuid}' exists already; choose another id`, {
    fields: [{ path, message: "is taken; choose another" }],
  });
}

function otherKind({ kind, uuid }: Facts): SignalboxError {
  return new SignalboxError("conflict", `kind: '${uuid}' is registered as a ${kind}, and its kind never changes`, {
    fields: [{ path: "kind", message: `is ${kind} already, and never changes` }],
  });
}
