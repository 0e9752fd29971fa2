import type { Principal } from "../../domain/access.ts";
import { invalidField } from "../../errors.ts";
import type { Vault } from "../../secrets/vault.ts";
import { defaultLimit } from "./fields.ts";

/** As `paging` of fields.ts lets it be asked. */
interface Paging {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/**
 * Where a list goes on, as an opaque text. Sealed, so that whatever is opened again was given out by us, for this list of
 * this tenant: a cursor that was changed, or is of another list, is refused instead of reading from somewhere else.
 */
export class Cursors<Place> {
  readonly #vault: Vault;
  readonly #list: string;

  constructor(vault: Vault, list: string) {
    this.#vault = vault;
    this.#list = list;
  }

  /** What to read for a page that was asked for. */
  page(caller: Principal, { limit = defaultLimit, cursor }: Paging): { readonly max: number; readonly after?: Place } {
    return { max: limit, ...(cursor === undefined ? {} : { after: this.take(caller, cursor) }) };
  }

  /** Of an answer: where its list goes on, if it does. */
  next(caller: Principal, place: Place | undefined): { readonly next_cursor?: string } {
    return place === undefined ? {} : { next_cursor: this.give(caller, place) };
  }

  give(caller: Principal, place: Place): string {
    const sealed = this.#vault.seal(JSON.stringify([this.#list, caller.tenant, place]));
    return Buffer.from(sealed).toString("base64url");
  }

  /** @throws SignalboxError `invalid_request` for anything but what {@link give} gave for the same list and tenant. */
  take(caller: Principal, cursor: string): Place {
    const [list, tenant, place] = this.#open(cursor);
    if (list !== this.#list || tenant !== caller.tenant) throw refused();
    return place as Place;
  }

  #open(cursor: string): readonly unknown[] {
    try {
      return JSON.parse(this.#vault.open(Buffer.from(cursor, "base64url").toString())) as readonly unknown[];
    } catch {
      throw refused();
    }
  }
}

function refused(): Error {
  return invalidField("cursor", "is not one that this list gave: leave it out to begin anew");
}
