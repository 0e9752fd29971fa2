import { type Event, type Face, faces } from "../domain/event.ts";
import {
  type FilterHits,
  FilterIndex,
  faceFields,
  type IndexedFilter,
  type ReadField,
  stillLooking,
} from "../domain/filter/index.ts";
import { anyResource, type Uuid } from "../domain/ids.ts";
import type { ListeningState } from "../store/store.ts";
import { eventScopes, filterable, indexScopeOf, isAboutItself, reaches } from "./event-scopes.ts";
import type { FilterCache } from "./filter-cache.ts";
import type { MatchCandidate, MatchCandidates } from "./match-candidates.ts";

/** A state with its filter as indexes have it. */
export interface IndexedState {
  readonly state: ListeningState;
  readonly filter: IndexedFilter | undefined;
}

/** An event has fewer scopes and names on one face. */
const ranksOfFace = 10_000;

interface Source {
  readonly face: Face;
  readonly read: ReadField;
  readonly index: FilterIndex;
  readonly hits: FilterHits;
  readonly rank: number;
}

/** What of an event and its subscriptions no index knows. */
interface Beside {
  readonly tenant: string;
  readonly cache: FilterCache;
  /** Whether it gets the event if its filter agrees. */
  readonly mayGet: (face: Face, number: number) => boolean;
}

class IndexCandidates implements MatchCandidates {
  readonly #sources: readonly Source[];
  readonly #beside: Beside;
  #at = 0;
  #asks = false;

  constructor(sources: readonly Source[], beside: Beside) {
    this.#sources = sources;
    this.#beside = beside;
  }

  get asks(): boolean {
    return this.#asks || this.#sources.some(({ hits }) => hits.asks);
  }

  next(): MatchCandidate | typeof stillLooking | undefined {
    const { tenant, cache, mayGet } = this.#beside;
    for (let source = this.#sources[this.#at]; source !== undefined; source = this.#sources[this.#at]) {
      const hit = source.hits.next();
      if (hit === stillLooking) return hit;
      if (hit === undefined) {
        this.#at += 1;
        continue;
      }
      const { face, read } = source;
      if (!mayGet(face, hit.id)) continue;
      const filter = hit.filter === undefined ? undefined : cache.get({ tenant, face }, hit.filter);
      this.#asks ||= filter !== undefined;
      return { number: hit.id, rank: source.rank + hit.rank, filter, read };
    }
    return undefined;
  }

  use(): void {
    for (const { index, hits } of this.#sources) index.use(hits);
  }

  done(): void {
    for (const { index, hits } of this.#sources) index.done(hits);
  }
}

/** The subscriptions of one tenant that may still meet an event, as of a revision of it: what decides about matching, and no more. */
export class TenantIndex {
  /** All that changed up to this revision of the tenant is in here. */
  revision: number;
  readonly #tenant: string;
  readonly #cache: FilterCache;
  readonly #indexes = new Map<Face, FilterIndex>();
  /** Of the lifecycle face: their app, and the function that each runs. */
  readonly #functions = new Map<number, Pick<ListeningState, "scope" | "runs" | "event">>();
  /** Those of functions by event type. */
  readonly #hooks = new Map<string, Set<number>>();
  /** Those that listen to every resource. */
  readonly #everywhere = new Map<number, Uuid>();

  constructor(tenant: string, revision: number, cache: FilterCache) {
    this.#tenant = tenant;
    this.revision = revision;
    this.#cache = cache;
  }

  /** Takes in a state of a subscription, in place of the one before. What meets nothing is let go. */
  put({ state, filter }: IndexedState): void {
    const { number, uuid, face, scope, event, listens, fromRevision } = state;
    this.#forget(number, face);
    if (!listens) return;
    this.#indexOf(face).put(number, { scope: indexScopeOf(state), event, since: fromRevision, filter });
    if (scope === anyResource) this.#everywhere.set(number, uuid);
    if (face !== "lifecycle") return;
    this.#functions.set(number, state.runs === undefined ? { scope, event } : { scope, event, runs: state.runs });
    this.#hooks.set(event, (this.#hooks.get(event) ?? new Set<number>()).add(number));
  }

  /** A subscription stays on its face. */
  #forget(number: number, face: Face): void {
    this.#indexes.get(face)?.delete(number);
    this.#everywhere.delete(number);
    const before = this.#functions.get(number);
    if (before === undefined) return;
    this.#functions.delete(number);
    const hooks = this.#hooks.get(before.event);
    hooks?.delete(number);
    if (hooks?.size === 0) this.#hooks.delete(before.event);
  }

  #indexOf(face: Face): FilterIndex {
    let index = this.#indexes.get(face);
    if (index === undefined) {
      index = new FilterIndex(faceFields[face]);
      this.#indexes.set(face, index);
    }
    return index;
  }

  /** Those that have been there as they are now since the event's commit, and get it if their filters agree. Each once. */
  candidates(event: Event): MatchCandidates {
    const sources: Source[] = [];
    for (const [at, face] of faces.entries()) {
      const index = this.#indexes.get(face);
      if (index === undefined) continue;
      const places = eventScopes(event, face);
      if (places.length === 0) continue;
      const read = filterable[face].read(event);
      sources.push({ face, read, index, hits: index.find(places, read, event.revision), rank: at * ranksOfFace });
    }
    const mayGet = (face: Face, number: number): boolean => {
      const uuid = this.#everywhere.get(number);
      if (uuid !== undefined && isAboutItself(event, { uuid, scope: anyResource })) return false;
      const runs = face === "lifecycle" ? this.#functions.get(number) : undefined;
      return runs === undefined || reaches(event, runs);
    };
    return new IndexCandidates(sources, { tenant: this.#tenant, cache: this.#cache, mayGet });
  }

  /** Of the lifecycle face, to an event type: all of them, oldest first, and those that may want these params. */
  hooks(type: string, read: ReadField): { readonly numbers: readonly number[]; readonly candidates: MatchCandidates } {
    const numbers = this.#hooks.get(type) ?? new Set<number>();
    const index = this.#indexes.get("lifecycle");
    const places = [{ scopes: [indexScopeOf({ face: "lifecycle", scope: anyResource })], event: type }];
    const sources: Source[] =
      index === undefined ? [] : [{ face: "lifecycle", read, index, hits: index.find(places, read), rank: 0 }];
    const mayGet = (_: Face, number: number): boolean => numbers.has(number);
    return {
      numbers: [...numbers].sort((one, other) => one - other),
      candidates: new IndexCandidates(sources, { tenant: this.#tenant, cache: this.#cache, mayGet }),
    };
  }
}
