import { type CountedQuota, quotaExceeded } from "../domain/quotas.ts";
import { alone, type Sharers } from "../pace/own-share.ts";
import type { Store } from "./store.ts";

/** Bytes that are about to come. */
interface Coming {
  readonly size: number;
  /** Bytes of what they are to replace. */
  readonly replaces?: number;
  /** They make an object where there is none. */
  readonly newObject?: boolean;
}

interface Expected {
  /** All that may lie on disk. */
  bytes: number;
  /** By how much more that will be than before. */
  growth: number;
  objects: number;
}

/**
 * Refuses bytes that no quota will have room for before they come, those on their way included: the commit judges for good, but by then
 * they lie on disk. So a tenant's uploads under way take no more than its quota once again, whether they are ever completed or not: of several
 * nodes each lets its share come.
 */
export class QuotaRoom {
  readonly #store: Pick<Store, "quotas">;
  readonly #sharers: Sharers;
  readonly #coming = new Map<string, Expected>();

  constructor(store: Pick<Store, "quotas">, sharers: Sharers = alone) {
    this.#store = store;
    this.#sharers = sharers;
  }

  /** To be disposed of once they are committed, or have come to nothing. @throws SignalboxError `quota_exceeded` */
  async take(tenant: string, { size, replaces = 0, newObject = false }: Coming): Promise<Disposable> {
    const bytes = await this.#store.quotas.one(tenant, "bytes");
    const objects = await this.#store.quotas.one(tenant, "objects");
    const coming = this.#coming.get(tenant) ?? { bytes: 0, growth: 0, objects: 0 };
    const growth = Math.max(0, size - replaces);
    const refuse = (quota: CountedQuota, { limit, used }: typeof bytes, wanted: number): never => {
      throw quotaExceeded({ tenant, quota, limit, used, wanted });
    };
    const [after, made] = [bytes.used + coming.growth + growth, objects.used + coming.objects + 1];
    if (growth > 0 && after > bytes.limit) refuse("bytes", bytes, after);
    // One alone may always replace as much as there is.
    if (coming.bytes > 0 && coming.bytes + size > bytes.limit / this.#sharers.size)
      refuse("bytes", bytes, bytes.used + coming.bytes + size);
    if (newObject && made > objects.limit) refuse("objects", objects, made);
    this.#add(tenant, { bytes: size, growth, objects: newObject ? 1 : 0 });
    let left = false;
    return {
      [Symbol.dispose]: () => {
        if (!left) this.#add(tenant, { bytes: -size, growth: -growth, objects: newObject ? -1 : 0 });
        left = true;
      },
    };
  }

  #add(tenant: string, { bytes, growth, objects }: Expected): void {
    const before = this.#coming.get(tenant) ?? { bytes: 0, growth: 0, objects: 0 };
    const now = { bytes: before.bytes + bytes, growth: before.growth + growth, objects: before.objects + objects };
    if (now.bytes === 0 && now.growth === 0 && now.objects === 0) this.#coming.delete(tenant);
    else this.#coming.set(tenant, now);
  }
}
