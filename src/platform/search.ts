import type { Context } from "../context.ts";
import type { SearchTerm } from "../domain/notifications/search.ts";
import { invalidField } from "../errors.ts";

/** Looking for what fits in lists, whose length and terms callers choose, without holding up the others. */

export type SearchValue = string | number | boolean | null;

interface Search<Entry> {
  /** Tenant. */
  readonly payer: string;
  readonly terms: readonly SearchTerm[];
  readonly valueOf: (entry: Entry, field: string) => SearchValue;
  /** Aborts when the caller waits no more. */
  readonly signal: AbortSignal;
}

/** Visits of instructions that the patterns of one search may take in all: some second of a processor. */
const mostVisits = 250_000_000;
/** Of them, as many as are done between requests: some 20 ms. What is beyond goes to a thread. */
const visitsInSlices = 5_000_000;
/** Up to the next interruption: a millisecond. */
const visitsAtOnce = 250_000;

/** Reads from the store, which takes this thread, when this payer's turn comes. */
export async function inTurn<T>(
  { slices }: Pick<Context, "slices">,
  payer: string,
  read: () => Promise<T>,
): Promise<T> {
  const once = function* (): Generator<void, Promise<T>, void> {
    // A turn of its own: a read is a step that cannot be made smaller.
    yield;
    return read();
  };
  return await slices.run(payer, once());
}

/**
 * The entries of a page that fit all terms, asked for page by page.
 *
 * @throws SignalboxError `invalid_request` about a term whose pattern would take too long over so much text; `too_many_requests`.
 */
export function searcher<Entry>(
  deps: Pick<Context, "offload" | "slices">,
  search: Search<Entry>,
): (page: readonly Entry[]) => Promise<readonly Entry[]> {
  const { payer, terms, valueOf, signal } = search;
  const plain = terms.filter(({ pattern }) => pattern === undefined);
  const costly = terms.filter(({ pattern }) => pattern !== undefined);
  let visits = 0;

  function* plainly(page: readonly Entry[]): Generator<void, readonly Entry[], void> {
    const kept: Entry[] = [];
    for (const entry of page) {
      if (plain.every(({ field, test }) => test(valueOf(entry, field)))) kept.push(entry);
      yield;
    }
    return kept;
  }

  function* textsOf(page: readonly Entry[], field: string): Generator<void, (string | undefined)[], void> {
    const texts: (string | undefined)[] = [];
    for (const entry of page) {
      const value = valueOf(entry, field);
      texts.push(typeof value === "string" ? value : undefined);
      yield;
    }
    return texts;
  }

  async function matching(page: readonly Entry[], term: SearchTerm): Promise<readonly Entry[]> {
    const { pattern, field, op, value } = term;
    if (pattern === undefined || page.length === 0) return page;
    const texts = await deps.slices.run(payer, textsOf(page, field), signal);
    const characters = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
    visits += characters * pattern.programSize;
    const name = `${field}.${op}`;
    if (visits > mostVisits) {
      const remedy = "narrow the search by another field, or use a smaller pattern";
      throw invalidField(name, `would take too long to look for in so many entries: ${remedy}`);
    }
    const came =
      visits <= visitsInSlices
        ? await deps.slices.run(payer, matchInSteps(texts, pattern.inSteps), signal)
        : await deps.offload.run(
            payer,
            { task: "matchTexts", input: { pattern: value, texts: texts.map((text) => text ?? "") }, field: name },
            { signal },
          );
    return page.filter((_entry, index) => texts[index] !== undefined && came[index] === true);
  }

  return async (page) => {
    let kept = plain.length === 0 ? page : await deps.slices.run(payer, plainly(page), signal);
    for (const term of costly) kept = await matching(kept, term);
    return kept;
  };
}

type InSteps = NonNullable<SearchTerm["pattern"]>["inSteps"];

function* matchInSteps(texts: readonly (string | undefined)[], inSteps: InSteps): Generator<void, boolean[], void> {
  const came: boolean[] = [];
  for (const text of texts) {
    came.push(text !== undefined && (yield* inSteps(text, visitsAtOnce)));
    yield;
  }
  return came;
}
