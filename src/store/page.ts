/** One page: `after` is the last thing of the page before. */
export interface Page<Key> {
  readonly after?: Key;
  readonly max: number;
}

/** The last of a page that is full, after which there may be more; `undefined` of a page that ends its list. */
export function lastOfFull<T>(found: readonly T[], { max }: { readonly max: number }): T | undefined {
  return found.length < max ? undefined : found.at(-1);
}

/** Events that are read at once have no more data than this, unless the first alone has. */
export const readTogetherBytes = 2 ** 20;

/** A subscription's change, in the order of changes of its tenant. */
export interface RevisionPlace {
  readonly revision: number;
  /** Of the subscription. */
  readonly number: number;
}
