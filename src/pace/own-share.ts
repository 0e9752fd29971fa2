/** The nodes that what is bounded for all of them together is shared out to: how many, as far as this one knows. */
export interface Sharers {
  readonly size: number;
}

export const alone: Sharers = { size: 1 };

/** How many of `most` one of them takes: at least one, where there is any. */
export function ownShare(most: number, { size }: Sharers): number {
  return Math.ceil(most / size);
}

/** The same of what goes by in a second, in parts: a bucket that never holds a whole one would let nothing through. */
export function ownRate(perSecond: number, { size }: Sharers): number {
  return Math.min(perSecond, Math.max(1, perSecond / size));
}
