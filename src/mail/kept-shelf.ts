/** Which mails are kept, and which go when there are too many: one tenant never pushes out another's. */

export interface Kept {
  readonly id: string;
  /** Of its file. */
  readonly name: string;
  /** Empty: nobody knows. */
  readonly tenant: string;
  readonly bytes: number;
}

export interface KeptBounds {
  readonly mails: number;
  readonly bytes: number;
}

export const keptPerTenant: KeptBounds = { mails: 1_000, bytes: 64 * 2 ** 20 };

interface Share {
  /** The oldest first. */
  readonly mails: Map<string, Kept>;
  bytes: number;
}

export class Shelf {
  /** By id, the oldest first. */
  readonly #all = new Map<string, Kept>();
  readonly #shares = new Map<string, Share>();

  get(id: string): Kept | undefined {
    return this.#all.get(id);
  }

  /** The oldest first. */
  names(): string[] {
    return Array.from(this.#all.values(), ({ name }) => name);
  }

  /** Adds or replaces (by id), which keeps its place. */
  put(mail: Kept): void {
    const before = this.#all.get(mail.id);
    const share = this.#shares.get(mail.tenant) ?? { mails: new Map(), bytes: 0 };
    share.bytes += mail.bytes - (before?.bytes ?? 0);
    share.mails.set(mail.id, mail);
    this.#shares.set(mail.tenant, share);
    this.#all.set(mail.id, mail);
  }

  remove({ id, tenant, bytes }: Kept): void {
    const share = this.#shares.get(tenant);
    if (share?.mails.delete(id) === true) share.bytes -= bytes;
    if (share?.mails.size === 0) this.#shares.delete(tenant);
    this.#all.delete(id);
  }

  /** What has to go because of what this tenant was just given: {@link remove} each before the next is asked for. */
  *over(
    tenant: string,
    { maxMails, perTenant }: { readonly maxMails: number; readonly perTenant: KeptBounds },
  ): Generator<Kept, void, void> {
    const own = tenant === "" ? undefined : this.#shares.get(tenant);
    if (own !== undefined) yield* overShare(own, perTenant);
    while (this.#all.size > maxMails) {
      const [most] = [...this.#shares.values()].toSorted((a, b) => b.mails.size - a.mails.size);
      if (most === undefined) return;
      yield* oldest(most);
    }
  }
}

/** The last one stays, however long it is. */
function* overShare(share: Share, most: KeptBounds): Generator<Kept, void, void> {
  while (share.mails.size > 1 && (share.mails.size > most.mails || share.bytes > most.bytes)) yield* oldest(share);
}

function* oldest({ mails }: Share): Generator<Kept, void, void> {
  const [first] = mails.values();
  if (first !== undefined) yield first;
}
