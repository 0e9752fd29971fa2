import { defined } from "../../domain/defined.ts";
import type { Params, User } from "../../domain/lifecycle.ts";
import type { Resolution } from "../../platform/host/resolution.ts";
import type { Intent } from "../../store/records.ts";

/** An operation that `around` had begun and whose outcome is not known yet. */
export interface HostIntent {
  /** As the operation got it: what a host keeps with what it writes, to find it again. */
  readonly operationId: string;
  readonly tenant: string;
  /** The pair's name: `ORDER_CREATE`. */
  readonly type: string;
  /** As the hooks left them, without what is sensitive. */
  readonly params: Params;
  readonly user?: User;
  /** Slug. */
  readonly app?: string;
  readonly createdMs: number;
  /** Why it was unknown when last asked for. */
  readonly unresolved?: string;
}

/**
 * Looks into the host's database for what became of an operation. Asked about each intent that an earlier process left behind, before
 * `start` resolves and so before an EventService can be used; when an operation throws; and when it returns what its POST type does not
 * take. To throw, to take longer than 30 s, or to give params that do not fit, is the same as `unknown`.
 */
export type Resolve = (intent: HostIntent) => Promise<Resolution> | Resolution;

export function hostIntent({ operation, tenant, type, params, user, app, createdMs, unresolved }: Intent): HostIntent {
  return {
    operationId: operation,
    tenant,
    type,
    params,
    ...defined({ user }),
    ...(app === undefined ? {} : { app: app.slug }),
    createdMs,
    ...defined({ unresolved }),
  };
}
