/** One page: `after` is the last thing of the page before. */
export interface Page<Key> {
  readonly after?: Key;
  readonly max: number;
}

/** Events that are read at once have no more data than this, unless the first alone has. */
export const readTogetherBytes = 2 ** 20;

/** A subscription's change, in the order of changes of its tenant. */
export interface RevisionPlace {
  readonly revision: number;
  /** Of the subscription. */
  readonly number: number;
}
