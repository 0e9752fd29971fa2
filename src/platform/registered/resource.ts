import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import type { EventName, NewEvent } from "../../domain/event.ts";
import type { Params } from "../../domain/lifecycle.ts";
import type { ResourceKind } from "../../domain/notifications/resource-kinds.ts";
import type { HostedEvent } from "../../domain/raised-events.ts";
import { invalidField } from "../../errors.ts";
import type { Registered } from "../../store/records.ts";
import { withParentsAt } from "../ancestors.ts";
import type { By } from "../asking.ts";
import { raised } from "../raise.ts";
import { shownRegistered } from "../shown.ts";
import type { TenantView } from "./view.ts";

/** Resources that a host keeps itself, as far as it registered them. */

/** What the verbs on them work with. */
export type RegisteredContext = Pick<Context, "store" | "publish" | "kinds" | "clock" | "mutex">;

/** A resource that the host keeps itself, as far as it registered it. */
export interface HostResource {
  readonly uuid: string;
  /** Name of its kind: `job`. */
  readonly kind: string;
  /** Name of the principal who sees it without a grant. */
  readonly owner: string;
  /** Slug. */
  readonly app?: string;
  /** Uuids of what it lies in. Absent: of nothing. */
  readonly parents?: readonly string[];
  /** Its public part. */
  readonly data: Params;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export function hostResource({
  uuid,
  kind,
  owner,
  app,
  parents,
  data,
  createdMs,
  updatedMs,
}: Omit<Registered, "revision">): HostResource {
  const optional = defined({ app, parents });
  return { uuid, kind, owner, ...optional, data, createdMs, updatedMs };
}

/** There are no others than those that Signalbox makes; users, files and apps a host may have elsewhere, too. */
const madeHere: ReadonlySet<string> = new Set(["subscription", "bucket", "function"]);

/** A kind of which the host may have resources. @throws SignalboxError `invalid_request` about `kind`. */
export function hostKind({ kinds }: Pick<Context, "kinds">, name: unknown): ResourceKind {
  if (madeHere.has(String(name))) {
    throw invalidField("kind", `${String(name)} is a kind of Signalbox's own, which makes these itself`);
  }
  const kind = typeof name === "string" ? kinds.byName(name) : undefined;
  if (kind !== undefined) return kind;
  const said = String(name).slice(0, 64);
  throw invalidField(
    "kind",
    `'${said}' is not known: declare it before (PUT /host/v1/kinds/{name}/, or Host.kinds of a program)`,
  );
}

/** Waits for others who change the same; the conditions of the commit are what decides. */
export function whileAlone<T>(
  { mutex }: Pick<Context, "mutex">,
  uuids: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const keys = uuids.map((uuid) => `resource ${uuid}`);
  return mutex.takeAll(keys, work);
}

/** Also for who watches what it lies in. */
export async function hostEvent(
  { clock }: Pick<Context, "clock">,
  view: TenantView,
  resource: Omit<Registered, "revision">,
  { name, by }: { readonly name: HostedEvent | EventName; readonly by: By },
): Promise<NewEvent> {
  const { uuid, tenant, kind, owner } = resource;
  const of = { tenant, uuid, kind, owners: [owner], ...(await withParentsAt(view.at, resource)) };
  return raised(clock, { ...of, name, resource: shownRegistered(resource), ...by });
}
