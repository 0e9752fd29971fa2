import { type Clock, sleep } from "../clock.ts";
import type { LiveCatalog } from "../domain/event-types.ts";
import type { LiveKinds } from "../domain/notifications/live-kinds.ts";
import { type PreparedEventType, preparedEventType } from "../domain/prepared-event-type.ts";
import { asError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Slices } from "../pace/slices.ts";
import type { StoredDeclaration, StoredEventType, StoredKind } from "./declarations.ts";
import type { Store } from "./store.ts";

/** A look costs some microseconds when nothing has changed. */
const lookEveryMs = 10_000;

interface LiveDeps {
  readonly store: Pick<Store, "declarations">;
  readonly catalog: LiveCatalog;
  readonly kinds: LiveKinds;
  readonly slices: Slices;
  readonly log: Log;
}

interface KnownType {
  readonly stored: StoredEventType;
  readonly type: PreparedEventType;
}

/**
 * Holds the catalog and the kinds of this process to what is declared in the store. Each change of a declaration gives all of them another
 * revision: what has changed since the one that is known is read, and what was read before stays compiled.
 */
export class LiveDeclarations {
  readonly catalog: LiveCatalog;
  readonly kinds: LiveKinds;
  readonly #deps: Omit<LiveDeps, "catalog" | "kinds">;
  readonly #types = new Map<string, KnownType>();
  readonly #kinds = new Map<string, StoredKind>();
  readonly #told = new Set<string>();
  #revision = 0;
  #turn: Promise<void> = Promise.resolve();

  private constructor({ catalog, kinds, ...deps }: LiveDeps) {
    this.catalog = catalog;
    this.kinds = kinds;
    this.#deps = deps;
  }

  /** With what is declared now. Its schemas are compiled by `warm` of the catalog, or with their first events. */
  static async load(deps: LiveDeps): Promise<LiveDeclarations> {
    const live = new LiveDeclarations(deps);
    await live.#take();
    return live;
  }

  /** Resolves when all that was declared before the call is in effect here. */
  refresh(): Promise<void> {
    const next = this.#turn.then(() => this.#takeCompiled());
    this.#turn = next.catch(() => {});
    return next;
  }

  /** The same for who does not wait. */
  refreshSoon(): void {
    this.refresh().catch((thrown: unknown) => {
      this.#deps.log.error({ error: asError(thrown).message }, "could not read what is declared; trying again");
    });
  }

  /** Looks from time to time until `signal` aborts, because a hint that another process has declared something may be lost. */
  async follow(clock: Clock, signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(clock, lookEveryMs, signal);
      if (signal.aborted) return;
      this.refreshSoon();
    }
  }

  async #takeCompiled(): Promise<void> {
    if ((await this.#deps.store.declarations.revision()) === this.#revision) return;
    await this.#take(async (types) => {
      await this.#deps.slices.run("declarations", compiling(types));
    });
  }

  async #take(before?: (types: readonly PreparedEventType[]) => Promise<void>): Promise<void> {
    const { catalog, kinds } = this;
    const { store, log } = this.#deps;
    const { revision, changed, names } = await store.declarations.changedSince(this.#revision);
    const types = changed.filter(isEventType).map((stored) => ({ stored, type: prepared(stored) }));
    await before?.(types.map(({ type }) => type));
    for (const one of types) this.#types.set(one.stored.name, one);
    for (const stored of changed.filter(isKind)) this.#kinds.set(stored.name, stored);
    for (const name of this.#types.keys()) if (!names.has(`event_type:${name}`)) this.#types.delete(name);
    for (const name of this.#kinds.keys()) if (!names.has(`kind:${name}`)) this.#kinds.delete(name);
    catalog.declare([...this.#types.values()].map(({ stored, type }) => ({ type, revision: stored.revision })));
    const idle = kinds.declare([...this.#kinds.values()].map(({ definition }) => definition));
    this.#revision = revision;
    for (const { name, message } of idle) this.#tell({ kind: name, message });
    for (const name of this.#types.keys()) {
      if (catalog.revisionOf(name) === undefined) this.#tell({ event_type: name });
    }
    if (changed.length > 0) log.debug({ revision, changed: changed.length }, "declarations were taken over");
  }

  #tell(what: Readonly<Record<string, string>>): void {
    const key = JSON.stringify(what);
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#deps.log.warn(
      what,
      "a declaration in the store is not in effect: what the program declares itself goes first",
    );
  }
}

function* compiling(types: readonly PreparedEventType[]): Generator<void, void, void> {
  for (const type of types) {
    yield* type.compileInSteps();
    yield;
  }
}

function prepared({ definition }: StoredEventType): PreparedEventType {
  return preparedEventType(definition, true);
}

function isEventType(stored: StoredDeclaration): stored is StoredEventType {
  return stored.sort === "event_type";
}

function isKind(stored: StoredDeclaration): stored is StoredKind {
  return stored.sort === "kind";
}
