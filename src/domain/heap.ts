/** A binary heap: what has the smallest `at` comes first. Entries are never moved; the reader checks whether an entry is still valid. */
export class Heap<T extends { readonly at: number }> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent];
      if (above === undefined || above.at <= item.at) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = items[child];
      if (left === undefined) break;
      const right = items[child + 1];
      const smaller = right !== undefined && right.at < left.at ? right : left;
      if (smaller === right) child += 1;
      if (smaller.at >= last.at) break;
      items[index] = smaller;
      index = child;
    }
    items[index] = last;
    return top;
  }
}
