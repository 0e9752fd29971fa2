/** 32-bit hashes. What is equal has the same; what has the same is only likely to be equal. */

const prime = 0x01000193;
/** So many characters of a text count, and its length. */
export const mostHashed = 256;

/** With one more UTF-16 unit. */
export function extended(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, prime);
}

/** Spreads what {@link extended} gathered over all bits. */
export function finished(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

export function mixed(seed: number, value: number): number {
  return finished(Math.imul(seed ^ value, 0x9e3779b1) + value);
}

/** Of a text and what it begins with: the same that {@link extended} comes to unit by unit. */
export function hashOfStart(seed: number, text: string): number {
  const length = Math.min(text.length, mostHashed);
  let hash = seed;
  for (let index = 0; index < length; index++) hash = extended(hash, text.charCodeAt(index));
  return finished(hash);
}

/** The same from the end. */
export function hashOfEnd(seed: number, text: string): number {
  const length = Math.min(text.length, mostHashed);
  let hash = seed;
  for (let index = 1; index <= length; index++) hash = extended(hash, text.charCodeAt(text.length - index));
  return finished(hash);
}

export function hashOfWhole(seed: number, text: string): number {
  return mixed(hashOfStart(seed, text), text.length);
}

/** Of a whole number below 2^53. */
export function hashOfNumber(value: number): number {
  return mixed(value | 0, Math.floor(value / 2 ** 32));
}
