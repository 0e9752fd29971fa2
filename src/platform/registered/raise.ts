import { defined } from "../../domain/defined.ts";
import type { EventName, NewEvent } from "../../domain/event.ts";
import { type ResourceKind, raisedName } from "../../domain/notifications/resource-kinds.ts";
import { invalidField } from "../../errors.ts";
import { commitOptimistically } from "../../store/optimistic.ts";
import type { Registered } from "../../store/records.ts";
import type { Change, Condition, Unit } from "../../store/unit.ts";
import { withParentsAt } from "../ancestors.ts";
import type { By } from "../asking.ts";
import { type AlsoOfEvents, carriedOutElsewhere, committedEvents } from "../committed-events.ts";
import { raised } from "../raise.ts";
import type { Resource } from "../registry.ts";
import { mergedData } from "./input.ts";
import { readParents } from "./parents.ts";
import { hostEvent, hostKind, type RegisteredContext, whileAlone } from "./resource.ts";
import { eachRow, type RequestRow } from "./rows.ts";
import { missing, TenantView } from "./view.ts";

/** Events of resources that a host names: of one or of many in one commit. */

interface Raise {
  readonly uuid: string;
  /** In any case of letters. */
  readonly event: string;
  /** Merged (RFC 7396) into the public part, and kept. Only of resources of the host's own. */
  readonly data?: unknown;
  /** In place of what it lay in. Only of resources of the host's own. */
  readonly parents?: unknown;
  readonly by: By;
}

interface RaisesAll {
  readonly tenant: string;
  readonly rows: readonly RequestRow<Raise>[];
  /** Throws when the caller may not raise events of a kind. */
  readonly judge?: (kind: string) => void;
  readonly also?: AlsoOfEvents;
}

/**
 * In one commit: all of them or none, in their order; of several events of one resource the later tell of what the earlier have left.
 *
 * @returns the sequences.
 * @throws SignalboxError `invalid_request` with every field of every row that is wrong; `not_found` for what the tenant does not have;
 * `conflict` when a condition of `also` does not hold; `unavailable` when others keep changing the same.
 */
export function raiseAll(
  context: RegisteredContext,
  { tenant, rows, judge, also }: RaisesAll,
): Promise<readonly number[]> {
  const { publish, clock } = context;
  return aloneWith(context, rows, () =>
    commitOptimistically({ publish, what: "resource" }, async () => {
      const raises = new Raises(context, tenant, judge);
      const events = await eachRow(rows, ({ said }) => raises.event(said));
      const { conditions, changes } = raises.unit();
      const more = also?.(committedEvents(events, clock.now()));
      return {
        unit: {
          conditions: [...conditions, ...(more?.conditions ?? [])],
          changes: [...changes, ...(more?.changes ?? [])],
          events,
        },
        committed: (sequences) => sequences,
        refused: (condition) => {
          carriedOutElsewhere(condition);
          goneMeanwhile(condition);
        },
      };
    }),
  );
}

/** @throws SignalboxError `not_found` when a condition says that a resource ended since it was looked at. */
export function goneMeanwhile(condition: Condition): void {
  if (condition.if === "resource.live") missing(condition.uuid);
}

/** For who commits what {@link Raises} come to with more: others who raise events of the same wait for `work`. */
export function aloneWith<T>(
  context: Pick<RegisteredContext, "mutex">,
  rows: readonly RequestRow<Pick<Raise, "uuid">>[],
  work: () => Promise<T>,
): Promise<T> {
  return whileAlone(
    context,
    rows.map(({ said }) => said.uuid),
    work,
  );
}

/**
 * Events of resources that go into one commit, in the order in which they are asked for. When its condition `registered.revision` is refused
 * another look may help.
 */
export class Raises {
  readonly #context: RegisteredContext;
  readonly #view: TenantView;
  readonly #judge: ((kind: string) => void) | undefined;
  readonly #conditions = new Map<string, Condition>();
  readonly #changes = new Map<string, Change>();

  /** @param judge throws when the caller may not raise events of a kind. */
  constructor(context: RegisteredContext, tenant: string, judge?: (kind: string) => void) {
    this.#context = context;
    this.#view = new TenantView(context.store, tenant);
    this.#judge = judge;
  }

  /** @throws SignalboxError `invalid_request` with what is wrong; `not_found`; whatever `judge` throws. */
  async event(said: Raise): Promise<NewEvent> {
    const view = this.#view;
    const context = this.#context;
    const resource = await view.found(said.uuid);
    this.#judge?.(resource.kind);
    const kind = context.kinds.byName(resource.kind) ?? hostKind(context, resource.kind);
    const event = raisedName(kind, said.event);
    const { uuid } = resource;
    if (resource.kind === "subscription") throw invalidField("event", "of a subscription is raised by Signalbox alone");
    if (resource.hosted !== true) {
      this.#conditions.set(uuid, { if: "resource.live", uuid });
      return eventOfOurs(context, view, { resource, said, event });
    }
    const before = (await view.registered(uuid)) ?? missing(uuid);
    this.#conditions.set(uuid, { if: "registered.revision", uuid, revision: view.revision(uuid) ?? 0 });
    if (said.data === undefined && said.parents === undefined) {
      return hostEvent(context, view, before, { name: event, by: said.by });
    }
    const after = await changedBy(context, view, { before, kind, said });
    view.put(after);
    this.#changes.set(uuid, { do: "registered.put", resource: after });
    return hostEvent(context, view, after, { name: event, by: said.by });
  }

  /** What the commit of the events holds beside them. */
  unit(): Required<Pick<Unit, "conditions" | "changes">> {
    return { conditions: [...this.#conditions.values()], changes: [...this.#changes.values()] };
  }
}

async function eventOfOurs(
  { clock }: RegisteredContext,
  view: TenantView,
  { resource, said, event }: { readonly resource: Resource; readonly said: Raise; readonly event: EventName },
): Promise<NewEvent> {
  const { uuid, tenant, kind, owners, scope, shown } = resource;
  for (const name of ["data", "parents"] as const) {
    if (said[name] !== undefined) throw invalidField(name, `goes with resources of the host's own, not with a ${kind}`);
  }
  const lies = { ...defined({ scope }), ...(await withParentsAt(view.at, resource)) };
  return raised(clock, { tenant, uuid, kind, owners, ...lies, resource: shown, name: event, ...said.by });
}

async function changedBy(
  { clock }: RegisteredContext,
  view: TenantView,
  {
    before,
    kind,
    said,
  }: { readonly before: Omit<Registered, "revision">; readonly kind: ResourceKind; readonly said: Raise },
): Promise<Omit<Registered, "revision">> {
  const { parents: lay, ...rest } = before;
  const { uuid, app: slug } = before;
  const app = slug === undefined || said.parents === undefined ? undefined : await view.appIfThere(slug);
  const of = { kind, uuid, ...(app === undefined ? {} : { app: app.uuid }) };
  const parents = said.parents === undefined ? lay : await readParents(view, of, said.parents);
  return {
    ...rest,
    ...defined({ parents }),
    ...(said.data === undefined ? {} : { data: mergedData(before.data, said.data) }),
    updatedMs: clock.now(),
  };
}
