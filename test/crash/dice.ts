/** Chance that can be had again: the same seed throws the same. */
export interface Dice {
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  /** Whether something of this likelihood happens. */
  chance(likelihood: number): boolean;
  oneOf<T>(things: readonly [T, ...T[]]): T;
}

/** Mulberry32: small, and good enough to choose what to break. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    between,
    chance: (likelihood) => next() < likelihood,
    oneOf: (things) => things[between(0, things.length - 1)] ?? things[0],
  };
}
