/** Several events in one request to a webhook, as its owner asked for it. */
export interface Batch {
  /** In one request. 1–1,000. */
  readonly maxEvents: number;
  /** For so long the first waits for others. 0–60,000. */
  readonly maxWaitMs: number;
  /** Of the body, before it is compressed; an event that is larger goes alone. 1,024–1,048,576. */
  readonly maxBytes: number;
  /** Whether an event that has failed twice goes alone. */
  readonly splitOnFailure: boolean;
}

export const usualBatch: Batch = { maxEvents: 100, maxWaitMs: 1_000, maxBytes: 1_048_576, splitOnFailure: true };

export const batchBounds = {
  maxEvents: { least: 1, most: 1_000 },
  maxWaitMs: { least: 0, most: 60_000 },
  // More would hold the main thread for too long while it is written and signed.
  maxBytes: { least: 1_024, most: 1_048_576 },
} as const;

/** The first try and the first retry are made together. */
const triesTogether = 2;

/** In which batch an attempt was made. Absent of one that was made for one event. */
export interface AttemptBatch {
  /** `webhook-id` of the request. */
  readonly id: string;
  /** Events in it. */
  readonly size: number;
}

/** What is looked at of a delivery that is due. */
interface Groupable {
  readonly tries: number;
  readonly bytes?: number;
  readonly line?: string;
}

/** It has failed often enough to be in a request of its own. */
export function goesAlone({ tries }: Pick<Groupable, "tries">, { splitOnFailure }: Batch): boolean {
  return splitOnFailure && tries >= triesTogether;
}

/**
 * What is due, in requests: as many in one as fit, in their order. What has failed often enough is alone, so that it holds no
 * other; of one line there is one in a request, as in an ordered subscription the next waits for it.
 */
export function inBatches<T extends Groupable>(due: readonly T[], batch: Batch): readonly (readonly T[])[] {
  const { maxEvents, maxBytes } = batch;
  const batches: T[][] = [];
  let open: T[] = [];
  let bytes = 0;
  let lines = new Set<string>();
  const close = (): void => {
    if (open.length > 0) batches.push(open);
    open = [];
    bytes = 0;
    lines = new Set();
  };
  const alone: T[][] = [];
  for (const one of due) {
    if (goesAlone(one, batch)) {
      alone.push([one]);
      continue;
    }
    const { line, bytes: ofOne = 0 } = one;
    const isFull = open.length >= maxEvents || bytes + ofOne > maxBytes;
    if (isFull || (line !== undefined && lines.has(line))) close();
    open.push(one);
    bytes += ofOne;
    if (line !== undefined) lines.add(line);
  }
  close();
  // Those that have not failed go first.
  return [...batches, ...alone];
}
