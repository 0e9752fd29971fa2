import type { Clock } from "../../clock.ts";
import type { JwtIssuer } from "../../config/jwt-issuers.ts";
import { asError, SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { type PublicKey, readKeySet } from "../../secrets/public-keys.ts";
import type { Outbound } from "../../targets/outbound.ts";
import { Refreshed } from "./refreshed.ts";

/**
 * An issuer's keys. Those that are listed at a URL are fetched when they are first needed, again in the background when they are ten minutes
 * old, and when a token names one that is not known: at most once a minute, whatever comes. While the URL does not answer, known keys go on
 * for a day.
 */
export interface IssuerKeys {
  /**
   * Those that a token may have been signed with.
   *
   * @param id what the token calls its key, if it does.
   * @throws SignalboxError `unavailable` when no keys were to be had yet, or not for a day.
   */
  of(token: { readonly algorithm: string; readonly id: string | undefined }): Promise<readonly PublicKey[]>;
  /** Another one when the keys changed: what was verified by those before may be signed by one that is gone. @throws as {@link of} */
  version(): number;
}

interface KeysDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly outbound: Outbound;
  /** Aborts when the process stops. */
  readonly stopping: AbortSignal;
}

/** A token that names no key may be signed by any. */
const mostCandidates = 8;

export function issuerKeys({ issuer, keys }: Pick<JwtIssuer, "issuer" | "keys">, deps: KeysDeps): IssuerKeys {
  if (keys.from === "url") return new FetchedKeys(issuer, new URL(keys.url), deps);
  return { of: async (token) => fitting(keys.keys, token), version: () => 0 };
}

function fitting(
  keys: readonly PublicKey[],
  { algorithm, id }: { readonly algorithm: string; readonly id: string | undefined },
): readonly PublicKey[] {
  const able = keys.filter(({ algorithms }) => algorithms.some((one) => one === algorithm));
  const named = able.filter((key) => id === undefined || key.id === undefined || key.id === id);
  return named.slice(0, mostCandidates);
}

class FetchedKeys implements IssuerKeys {
  readonly #issuer: string;
  readonly #url: URL;
  readonly #deps: KeysDeps;
  readonly #refreshed: Refreshed;
  #keys: readonly PublicKey[] = [];
  #text = "";
  #version = 0;

  constructor(issuer: string, url: URL, deps: KeysDeps) {
    this.#issuer = issuer;
    this.#url = url;
    this.#deps = deps;
    this.#refreshed = new Refreshed(deps.clock, () => this.#fetch());
  }

  async of(token: { readonly algorithm: string; readonly id: string | undefined }): Promise<readonly PublicKey[]> {
    if (this.#refreshed.isTooOld()) await this.#refreshed.refresh();
    this.version();
    const known = fitting(this.#keys, token);
    if (known.length > 0) return known;
    await this.#refreshed.refresh();
    return fitting(this.#keys, token);
  }

  version(): number {
    if (!this.#refreshed.isTooOld()) return this.#version;
    throw new SignalboxError(
      "unavailable",
      `the keys of ${this.#issuer} cannot be had now, so its tokens cannot be verified: try again; the log says why`,
    );
  }

  async #fetch(): Promise<boolean> {
    const { outbound, stopping, log } = this.#deps;
    const about = { issuer: this.#issuer, url: this.#url.href };
    try {
      const { status, body } = await outbound(this.#url, { method: "GET", signal: stopping });
      if (status !== 200) throw new Error(`it answered ${status}`);
      const text = body.toString("utf8");
      const keys = readKeySet(JSON.parse(text));
      if (keys === undefined) throw new Error('it answered no key set ({"keys": [...]})');
      if (keys.length === 0) throw new Error("it listed no key that can be used");
      if (text === this.#text) return true;
      this.#text = text;
      this.#keys = keys;
      this.#version += 1;
      log.info({ ...about, keys: keys.length }, "keys of an issuer were fetched");
      return true;
    } catch (thrown) {
      const known = this.#refreshed.isTooOld() ? 0 : this.#keys.length;
      log.warn({ ...about, known, error: asError(thrown).message }, "keys of an issuer could not be fetched");
      return false;
    }
  }
}
