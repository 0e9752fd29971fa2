import type { Permission } from "../../domain/access.ts";
import type { UserInput } from "../../platform/host/caller.ts";
import type { HostResource } from "../../platform/registered/resource.ts";

/** Resources of a host's own, as its programs see them. */

export interface NewResource {
  /**
   * Name of a documented kind (`job`, `system`; `file`, `profile` and `app` for those that the host keeps elsewhere), or of one of
   * `Host.kinds`; not `bucket`, `function` and `subscription`.
   */
  readonly kind: string;
  /**
   * The uuid that the host knows it by: at most 60 of 0–9, A–Z, a–z and -, then - and the three digits of the kind; of a kind that has no
   * code of its own any three digits. Absent: one is made.
   */
  readonly id?: string;
  /** Name of the principal who is to see it without a grant, who need not have a token yet. */
  readonly owner: string;
  /** Slug of an app. Where resources of the kind may lie in apps, it is a parent. */
  readonly app?: string;
  /**
   * Uuids of what it lies in, at most 8: resources of the tenant, of the kinds that its own kind has as `parents` (of a job a system or an
   * app). Its events are announced there, too, with its kind before the name (`JOB_RUNNING`), and so on upwards: the nearest 16 within four
   * levels. Only who sees both gets them there.
   */
  readonly parents?: readonly string[];
  /**
   * Its public part: a plain JSON object of at most 64 KiB and 24 levels. Default: nothing. What calls itself a password, secret, token or
   * key is neither kept nor shown.
   */
  readonly data?: object;
}

export interface ResourceOptions {
  /** Who caused it. */
  readonly user?: UserInput;
}

export interface RegisterOptions extends ResourceOptions {
  /** Whether `CREATED` is raised. Default `true`; `false` for those that were there before Signalbox was. */
  readonly announce?: boolean;
}

export interface RaiseOptions extends ResourceOptions {
  /** Merged (RFC 7396) into the public part of the resource, and kept. Only of resources of the host's own. */
  readonly data?: object;
  /** In place of what it lay in before, and kept; announced there. Only of resources of the host's own. */
  readonly parents?: readonly string[];
}

/** One of many events that are raised at once. */
export interface RaiseInput extends Pick<RaiseOptions, "data" | "parents"> {
  readonly uuid: string;
  /** As in {@link TenantResources.raise}. */
  readonly event: string;
}

/**
 * A tenant's resources of the host's own kinds, so that users can subscribe to what happens to them. Each change is durable before it
 * resolves. What names a resource that the tenant does not have throws SignalboxError `not_found`.
 */
export interface TenantResources {
  /**
   * @throws SignalboxError `invalid_request` with the field that is wrong; `conflict` when a resource has the id already; `not_found` for
   * an unknown tenant or app.
   */
  register(input: NewResource, options?: RegisterOptions): Promise<HostResource>;
  /**
   * Registers 1 to 1,000 in one commit: all of them, or none. Those that come later may lie in those that come earlier.
   *
   * @throws SignalboxError as {@link register}, with the fields of every row that is wrong: `resources[3].owner`.
   */
  registerMany(inputs: readonly NewResource[], options?: RegisterOptions): Promise<HostResource[]>;
  /**
   * Tells who watches the resource that something happened to it, and resolves with the event's sequence. Also of what Signalbox keeps, as
   * `ACCOUNT_ACTIVATED` of a user's profile; but never of a subscription.
   *
   * @throws SignalboxError `invalid_request` about `event` where the kind has no such event, and about `data`; `unavailable` when others
   * keep changing the resource.
   */
  raise(uuid: string, event: string, options?: RaiseOptions): Promise<number>;
  /**
   * Raises 1 to 1,000 events in one commit, in their order: all of them, or none. Resolves with their sequences.
   *
   * @throws SignalboxError as {@link raise}, with the fields of every row that is wrong: `events[3].event`.
   */
  raiseMany(events: readonly RaiseInput[], options?: ResourceOptions): Promise<readonly number[]>;
  /** Lets another principal see any resource of the tenant, in place of what it might before. @throws SignalboxError `not_found` for an unknown one. */
  share(uuid: string, username: string, permission: Permission, options?: ResourceOptions): Promise<void>;
  /** @throws SignalboxError `not_found` when it was not shared with them. */
  unshare(uuid: string, username: string, options?: ResourceOptions): Promise<void>;
  get(uuid: string): Promise<HostResource>;
  /** By uuid. `after`: uuid of the last one of the page before. `max`: 1 to 1,000, default 100. */
  list(query: {
    readonly kind: string;
    /** Only those of this owner. */
    readonly owner?: string;
    readonly after?: string;
    readonly max?: number;
  }): Promise<HostResource[]>;
  /** Ends it: `DELETED` is raised, with its last public part. */
  remove(uuid: string, options?: ResourceOptions): Promise<void>;
}
