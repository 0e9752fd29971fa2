/**
 * Which element of a virtual list shows which row. Rows that stay in view keep theirs, and those that come take one of those that went: to
 * change the texts of an element costs a fraction of making another.
 */
export class RowSlots {
  #slots: ReadonlyMap<number, number> = new Map();

  /** The element of each row in view, by the row's index. */
  of(indexes: readonly number[]): ReadonlyMap<number, number> {
    const before = this.#slots;
    const staying = new Set(indexes.filter((index) => before.has(index)));
    if (staying.size === indexes.length && before.size === indexes.length) return before;
    const free = [...before].filter(([index]) => !staying.has(index)).map(([, slot]) => slot);
    let unused = Math.max(-1, ...before.values()) + 1;
    this.#slots = new Map(indexes.map((index) => [index, before.get(index) ?? free.shift() ?? unused++]));
    return this.#slots;
  }
}
