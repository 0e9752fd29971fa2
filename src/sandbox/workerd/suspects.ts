/** Of one tenant; past it, the one longest known is forgotten. */
const mostSuspects = 1_000;

/** Codes that were under way in a process that did not end well, by tenant. One of them did it. */
export class SuspectCode {
  readonly #byTenant = new Map<string, Set<string>>();

  add(tenant: string, ids: Iterable<string>): void {
    const suspects = this.#byTenant.get(tenant) ?? new Set();
    for (const id of ids) suspects.add(id);
    for (const id of suspects) {
      if (suspects.size <= mostSuspects) break;
      suspects.delete(id);
    }
    if (suspects.size > 0) this.#byTenant.set(tenant, suspects);
  }

  has(tenant: string, id: string): boolean {
    return this.#byTenant.get(tenant)?.has(id) === true;
  }

  clear(tenant: string, id: string): void {
    const suspects = this.#byTenant.get(tenant);
    if (suspects?.delete(id) === true && suspects.size === 0) this.#byTenant.delete(tenant);
  }
}
