import { invalidField } from "../../errors.ts";
import type { Vault } from "../../secrets/vault.ts";
import type { LivePlace } from "./item.ts";

/**
 * Places of live streams as texts. A sealed place, of which many are counted: sealing each would cost more than the item that it is of. So a
 * text is `<sealed>.<events>.<news>`: by how much it is further than the sealed place.
 */
export class LiveCursors {
  readonly #vault: Pick<Vault, "seal" | "open">;

  constructor(vault: Pick<Vault, "seal" | "open">) {
    this.#vault = vault;
  }

  /** Makes texts of places at or behind `from`. */
  from(tenant: string, from: LivePlace): (place: LivePlace) => string {
    const sealed = Buffer.from(this.#vault.seal(JSON.stringify([name, tenant, from.events, from.news]))).toString(
      "base64url",
    );
    return ({ events, news }) => `${sealed}.${events - from.events}.${news - from.news}`;
  }

  give(tenant: string, place: LivePlace): string {
    return this.from(tenant, place)(place);
  }

  /**
   * @param path of the field that it was given in
   * @throws SignalboxError `invalid_request` for anything but what was given out for the same tenant.
   */
  take(tenant: string, cursor: string, path: string): LivePlace {
    const [, sealed = "", events = "", news = ""] = /^([\w-]{1,512})\.(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? [];
    const opened = this.#opened(sealed);
    if (opened === undefined || opened[0] !== name || opened[1] !== tenant) throw refused(path);
    const place = { events: Number(opened[2]) + Number(events), news: Number(opened[3]) + Number(news) };
    if (!Number.isSafeInteger(place.events) || !Number.isSafeInteger(place.news)) throw refused(path);
    return place;
  }

  #opened(sealed: string): readonly unknown[] | undefined {
    try {
      return JSON.parse(this.#vault.open(Buffer.from(sealed, "base64url").toString())) as readonly unknown[];
    } catch {
      return undefined;
    }
  }
}

const name = "live";

function refused(path: string): Error {
  return invalidField(path, "is not one that a live stream of this tenant gave: leave it out to begin now");
}
