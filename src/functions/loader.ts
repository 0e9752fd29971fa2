import { redactor } from "../redact.ts";
import type { Store } from "../store/store.ts";
import type { Vault } from "../vault.ts";
import type { Runnable } from "./runner.ts";

/** Functions whose code is kept in memory, at the most. */
const keptFunctions = 1_000;

export interface LoaderDeps {
  readonly store: Store;
  readonly vault: Pick<Vault, "open">;
}

/** Functions as they are now. Which version that is, is asked each time; its code is read and its secrets are opened once. */
export class FunctionLoader {
  readonly #deps: LoaderDeps;
  readonly #kept = new Map<number, Runnable>();

  constructor(deps: LoaderDeps) {
    this.#deps = deps;
  }

  async load(number: number): Promise<Runnable | undefined> {
    const { functions } = this.#deps.store;
    const fn = await functions.byNumber(number);
    if (fn === undefined || fn.deletedMs !== undefined) {
      this.#kept.delete(number);
      return undefined;
    }
    const kept = this.#kept.get(number);
    if (kept?.fn.revision === fn.revision) return kept;
    const version = await functions.version({ function: number, number: fn.version });
    if (version === undefined) throw new RangeError(`function ${number} has no version ${fn.version}`);
    const secrets = fn.sealedSecrets === undefined ? {} : JSON.parse(this.#deps.vault.open(fn.sealedSecrets));
    const runnable: Runnable = {
      redactor: redactor(Object.values(secrets as Readonly<Record<string, string>>)),
      fn,
      version,
      code: {
        // A changed setting is another revision, and must not meet what an isolate with the old one remembers.
        id: `${number}.${fn.revision}`,
        js: version.js,
        env: { ...fn.env, ...(secrets as Readonly<Record<string, string>>) },
        egress: fn.egress,
      },
    };
    if (this.#kept.size >= keptFunctions) this.#kept.clear();
    this.#kept.set(number, runnable);
    return runnable;
  }
}
