/** One page: `after` is the last thing of the page before. */
export interface Page<Key> {
  readonly after?: Key;
  readonly max: number;
}
