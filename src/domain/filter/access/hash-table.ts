/** Tables of its own, by the highest bits of a hash: each grows alone, so that growing takes a moment. */
const tableBits = 6;
const smallest = 8;

/** In pairs: the hash, and the value plus one; 0 where nothing is. */
interface Table {
  slots: Int32Array;
  used: number;
}

/** Hash → number from 0 to 2^31 - 2, by open addressing: some 14 bytes each. */
export class HashTable {
  readonly #tables: (Table | undefined)[] = Array.from({ length: 2 ** tableBits }, () => undefined);

  get bytes(): number {
    return this.#tables.reduce((sum, table) => sum + (table?.slots.byteLength ?? 0), 0);
  }

  /** -1: none. */
  get(hash: number): number {
    const slots = this.#tables[hash >>> (32 - tableBits)]?.slots;
    return slots === undefined ? -1 : (slots[placeOf(slots, hash) + 1] ?? 0) - 1;
  }

  set(hash: number, value: number): void {
    const table = this.#roomy(hash >>> (32 - tableBits));
    const place = placeOf(table.slots, hash);
    if (table.slots[place + 1] === 0) table.used += 1;
    table.slots[place] = hash;
    table.slots[place + 1] = value + 1;
  }

  /** What was put behind it because its place was taken moves up. */
  delete(hash: number): void {
    const table = this.#tables[hash >>> (32 - tableBits)];
    if (table === undefined) return;
    const { slots } = table;
    let free = placeOf(slots, hash);
    if (slots[free + 1] === 0) return;
    table.used -= 1;
    const last = slots.length - 1;
    for (let next = (free + 2) & last; slots[next + 1] !== 0; next = (next + 2) & last) {
      const wanted = firstPlace(slots, slots[next] ?? 0);
      if (((next - wanted) & last) < ((next - free) & last)) continue;
      slots[free] = slots[next] ?? 0;
      slots[free + 1] = slots[next + 1] ?? 0;
      free = next;
    }
    slots[free + 1] = 0;
  }

  #roomy(at: number): Table {
    const table = this.#tables[at] ?? { slots: new Int32Array(2 * smallest), used: 0 };
    this.#tables[at] = table;
    if (table.used * 8 < table.slots.length * 3) return table;
    const { slots } = table;
    table.slots = new Int32Array(2 * slots.length);
    for (let from = 0; from < slots.length; from += 2) {
      if (slots[from + 1] === 0) continue;
      const place = placeOf(table.slots, slots[from] ?? 0);
      table.slots[place] = slots[from] ?? 0;
      table.slots[place + 1] = slots[from + 1] ?? 0;
    }
    return table;
  }
}

function firstPlace(slots: Int32Array, hash: number): number {
  return (hash << 1) & (slots.length - 1);
}

/** Where it is, or would be put. */
function placeOf(slots: Int32Array, hash: number): number {
  const last = slots.length - 1;
  let place = firstPlace(slots, hash);
  while (slots[place + 1] !== 0 && slots[place] !== hash) place = (place + 2) & last;
  return place;
}
