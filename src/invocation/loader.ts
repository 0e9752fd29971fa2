import { defined } from "../domain/defined.ts";
import type { Ports } from "../ports.ts";
import { redactor } from "../secrets/redact.ts";
import type { Vault } from "../secrets/vault.ts";
import type { FunctionVersion, KnownFunction } from "../store/records.ts";
import type { Runnable } from "./runner.ts";

/** Of code, maps and settings that are kept in memory, of all functions: what was used last. One function has up to five million. */
const keptChars = 32 * 2 ** 20;
/** What is kept beside texts, of one function. */
const ownChars = 2_048;

/** About how much memory it takes. */
function charsOf({ version, code }: Runnable): number {
  const texts = [code.js, version.map ?? "", ...Object.values(code.env), ...code.egress];
  return texts.reduce((sum, text) => sum + text.length, ownChars);
}

/** Without its source, which is not needed to run it. */
function versionOf({ number, hash, language, map }: Runnable["version"]): Runnable["version"] {
  return { number, hash, language, ...defined({ map }) };
}

/** Open. */
export function secretsOf(
  vault: Pick<Vault, "open">,
  { sealedSecrets }: Pick<KnownFunction, "sealedSecrets">,
): Readonly<Record<string, string>> {
  return sealedSecrets === undefined ? {} : JSON.parse(vault.open(sealedSecrets));
}

/** A function with code that need not be the one that runs. `id`: see {@link Code.id}. */
export function runnableOf(
  fn: KnownFunction,
  version: Runnable["version"] & Pick<FunctionVersion, "js">,
  { id, secrets }: { readonly id: string; readonly secrets: Readonly<Record<string, string>> },
): Runnable {
  return {
    redactor: redactor(Object.values(secrets)),
    fn,
    version: versionOf(version),
    code: { id, js: version.js, env: { ...fn.env, ...secrets }, egress: fn.egress },
  };
}

type LoaderContext = Pick<Ports, "store"> & { readonly vault: Pick<Vault, "open"> };

/** Functions as they are now. Which version that is, is asked each time; its code is read and its secrets are opened once. */
export class FunctionLoader {
  readonly #context: LoaderContext;
  readonly #mostChars: number;
  /** What was used last comes last. */
  readonly #kept = new Map<number, { readonly runnable: Runnable; readonly chars: number }>();
  #chars = 0;

  constructor(context: LoaderContext, mostChars = keptChars) {
    this.#context = context;
    this.#mostChars = mostChars;
  }

  /** Characters of what is kept. */
  get kept(): number {
    return this.#chars;
  }

  async load(number: number): Promise<Runnable | undefined> {
    const { functions } = this.#context.store;
    const fn = await functions.byNumber(number);
    if (fn === undefined || fn.deletedMs !== undefined) {
      this.#forget(number);
      return undefined;
    }
    const kept = this.#kept.get(number);
    if (kept?.runnable.fn.revision === fn.revision) {
      this.#kept.delete(number);
      this.#kept.set(number, kept);
      return kept.runnable;
    }
    const version = await functions.version({ function: number, number: fn.version });
    if (version === undefined) throw new RangeError(`function ${number} has no version ${fn.version}`);
    // A changed setting is another revision, and must not meet what an isolate with the old one remembers.
    const runnable = runnableOf(fn, version, {
      id: `${number}.${fn.revision}`,
      secrets: secretsOf(this.#context.vault, fn),
    });
    this.#keep(number, runnable);
    return runnable;
  }

  #keep(number: number, runnable: Runnable): void {
    this.#forget(number);
    const chars = charsOf(runnable);
    this.#kept.set(number, { runnable, chars });
    this.#chars += chars;
    for (const oldest of this.#kept.keys()) {
      if (this.#chars <= this.#mostChars) return;
      this.#forget(oldest);
    }
  }

  #forget(number: number): void {
    this.#chars -= this.#kept.get(number)?.chars ?? 0;
    this.#kept.delete(number);
  }
}
