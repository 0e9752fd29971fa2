/** "Did you mean": finding the name that someone meant. */

const longestCompared = 64;

/** The candidate nearest to `name`, ignoring case; `undefined` when none is near. */
export function closest(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > longestCompared) return undefined;
  const wanted = name.toLowerCase();
  const near = candidates
    .map((candidate) => ({ candidate, distance: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(wanted.length / 3)))
    // Names shorter than the mistakes in them are not "near" anything.
    .filter(({ candidate, distance }) => distance < Math.min(wanted.length, candidate.length))
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

/** Levenshtein's: how many characters to insert, delete or replace. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
