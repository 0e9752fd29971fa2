import { defined } from "../../domain/defined.ts";
import type { Json } from "../../domain/event.ts";
import { SignalboxError } from "../../errors.ts";
import { usualTenant } from "../../platform/access/identities.ts";
import type { Published, PublishResult } from "../../platform/host/answer.ts";
import { type PublishesAll, publishAll, publishedBefore } from "../../platform/host/publish.ts";
import { type Received, type Receiving, receiveAll } from "../../platform/host/receive.ts";
import type { Store } from "../../store/store.ts";
import { type Around, around } from "./around.ts";
import { HookTasks } from "./hook-tasks.ts";
import { type HostIntent, hostIntent } from "./host.ts";
import type { TenantResources } from "./host-resource.ts";
import { Intents } from "./intents.ts";
import type { LibraryContext } from "./library-context.ts";
import { type Publishing, publishEvent } from "./publish-event.ts";
import { type PendingEvent, type PublishingIn, publishIn } from "./publish-in.ts";
import { tenantResources } from "./resources.ts";
import { type TaskQuery, type TaskValue, taskValue } from "./task-result.ts";
import { UnderWay } from "./under-way.ts";
import { type RequestedUsers, type Runs, tenantUsers } from "./users.ts";

export interface IntentQuery {
  /** Absent: of all tenants. */
  readonly tenant?: string;
  /** `operationId` of the last one of the page before. */
  readonly after?: string;
  /** 1 to 1,000; default 100. */
  readonly max?: number;
}

/** What the programs of a host reach through {@link EventService}: one for each running Signalbox. */
export interface Library {
  /**
   * The tenant of events that are published without one: `default`, or where there is none of that name the only tenant.
   *
   * @throws SignalboxError `conflict` when there are several, and none is `default`.
   */
  usualTenant(): Promise<string>;
  publishEvent(publishing: Publishing): Promise<PublishResult>;
  /** Into the inbox, by a transaction of the host's own. */
  publishIn(publishing: PublishingIn): Promise<PendingEvent>;
  /** POST events in one commit. @see publishAll of `platform/host/publish.ts` */
  publishAll(asked: PublishesAll): Promise<Published[]>;
  /** @see publishedBefore of `platform/host/publish.ts` */
  publishedBefore(tenant: string, remembered: Json): Promise<Published[]>;
  /** Events that their producer gave a name, each published once. @see receiveAll of `platform/host/receive.ts` */
  receiveAll(receiving: Receiving): Promise<Received[]>;
  taskValue(query: TaskQuery): Promise<TaskValue>;
  around<T>(asked: Around<T>): Promise<T>;
  users(tenant: string): RequestedUsers;
  resources(tenant: string): TenantResources;
  /** Oldest first. */
  intents(query?: IntentQuery): Promise<HostIntent[]>;
  counts(): Promise<{ readonly open: number; readonly unresolved: number }>;
  /** Asks the host what became of the operations that an earlier process left behind. Resolves when it has answered; never rejects. */
  recover(): Promise<void>;
  /** Begins nothing more, and waits for what is under way until `grace` aborts. What is left is asked about at the next start. */
  stop(grace: AbortSignal): Promise<void>;
}

async function tenantNamedByNone(store: Store): Promise<string> {
  const usual = await usualTenant(store);
  if (usual !== undefined) return usual;
  throw new SignalboxError(
    "conflict",
    "there are several tenants, and none is 'default': give EventService the one to use",
  );
}

export function library(context: LibraryContext): Library {
  const underWay = new UnderWay();
  const tasks = new HookTasks(context.clock);
  const intents = new Intents(context, underWay);
  /** Before anything is done for it: what was done already must be announced. */
  const admitted = <T>(tenant: string, work: () => Promise<T>): Promise<T> =>
    underWay.run(async () => {
      using _admitted = context.rates.admit(tenant);
      return await work();
    });
  const runs = (tenant: string): Runs => ({
    read: (work) => underWay.run(work),
    change: (work) => admitted(tenant, work),
  });
  return {
    usualTenant: () => underWay.run(() => tenantNamedByNone(context.store)),
    publishEvent: (publishing) =>
      admitted(publishing.tenant, () => publishEvent(context, { tasks, underWay }, publishing)),
    // Not within the rate: the row that is written here is moved as that allows.
    publishIn: (publishing) =>
      underWay.run(() => publishIn(context, publishing, (work) => underWay.run(work), underWay.stopping)),
    publishAll: (asked) => admitted(asked.tenant, () => publishAll(context, asked)),
    publishedBefore: (tenant, remembered) => publishedBefore(context, tenant, remembered),
    receiveAll: (receiving) => admitted(receiving.tenant, () => receiveAll(context, receiving)),
    taskValue: ({ signal, ...query }) => {
      const { stopping } = underWay;
      return taskValue(context, tasks, query, signal === undefined ? stopping : AbortSignal.any([signal, stopping]));
    },
    around: (asked) => admitted(asked.tenant, () => around(context, intents, asked, underWay.cut)),
    users: (tenant) => tenantUsers(context, tenant, runs(tenant)),
    resources: (tenant) => tenantResources(context, tenant, runs(tenant)),
    intents: async ({ tenant, after, max = 100 } = {}) => {
      const page = { max: Math.min(Math.max(1, max), 1_000), ...defined({ after }) };
      const found = await context.store.operations.intents({ origin: "library", ...defined({ tenant }) }, page);
      return found.map(hostIntent);
    },
    counts: () => context.store.operations.intentCounts(),
    recover: () => intents.recover(),
    stop: (grace) => underWay.stop(grace),
  };
}
