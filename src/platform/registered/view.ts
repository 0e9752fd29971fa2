import { parseUuid, type Uuid } from "../../domain/ids.ts";
import { notFound } from "../../errors.ts";
import type { App, Registered } from "../../store/records.ts";
import type { Store } from "../../store/store.ts";
import { type Resource, registeredResource, resourceAt } from "../registry.ts";

/**
 * A tenant's resources as one request sees them: each is looked up once, and what the request itself is going to make or change is there
 * already, so that what comes later in it may lie in what came earlier.
 */
export class TenantView {
  readonly tenant: string;
  readonly #store: Store;
  readonly #resources = new Map<Uuid, Resource | undefined>();
  readonly #registered = new Map<Uuid, Omit<Registered, "revision"> | undefined>();
  readonly #revisions = new Map<Uuid, number>();
  readonly #apps = new Map<string, App>();

  constructor(store: Store, tenant: string) {
    this.#store = store;
    this.tenant = tenant;
  }

  /** Of any kind, kept by a host or by Signalbox. */
  readonly at = async (uuid: Uuid): Promise<Resource | undefined> => {
    if (this.#resources.has(uuid)) return this.#resources.get(uuid);
    const found = await resourceAt(this.#store, this.tenant, uuid);
    this.#resources.set(uuid, found);
    return found;
  };

  /** @throws SignalboxError `not_found` */
  async found(uuid: string): Promise<Resource> {
    const parsed = parseUuid(uuid);
    return (parsed === undefined ? undefined : await this.at(parsed)) ?? missing(uuid);
  }

  /** What the host registered under that uuid, as this request leaves it. */
  async registered(uuid: Uuid): Promise<Omit<Registered, "revision"> | undefined> {
    if (this.#registered.has(uuid)) return this.#registered.get(uuid);
    const stored = await this.#store.registered.get(uuid);
    if (stored?.tenant !== this.tenant) {
      this.#registered.set(uuid, undefined);
      return undefined;
    }
    const { revision, ...found } = stored;
    this.#registered.set(uuid, found);
    this.#revisions.set(uuid, revision);
    return found;
  }

  /** Of what {@link registered} has found in the store; `undefined` for what is new. */
  revision(uuid: Uuid): number | undefined {
    return this.#revisions.get(uuid);
  }

  /** @throws SignalboxError `not_found` */
  async app(slug: string): Promise<App> {
    const app = await this.appIfThere(slug);
    if (app === undefined) throw notFound(`app '${slug}'`);
    return app;
  }

  async appIfThere(slug: string): Promise<App | undefined> {
    const app = this.#apps.get(slug) ?? (await this.#store.apps.app(this.tenant, slug));
    if (app !== undefined) this.#apps.set(slug, app);
    return app;
  }

  /** From now on it is as this request leaves it. */
  put(resource: Omit<Registered, "revision">): void {
    this.#registered.set(resource.uuid, resource);
    this.#resources.set(resource.uuid, { uuid: resource.uuid, ...registeredResource(resource) });
  }
}

export function missing(uuid: string): never {
  throw notFound(`resource '${uuid}'`);
}
