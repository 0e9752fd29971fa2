import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const place = "src/store/migrations/postgres";
const own = new URL(`../../${place}`, import.meta.url).pathname;

/** Files of migrations that a version before these sources did not have, and whether it works on what they make. */
export function migrationsBetween(checkout: string): {
  readonly added: readonly string[];
  readonly goTogether: boolean;
} {
  const theirs = join(checkout, place);
  const known = readdirSync(theirs).toSorted();
  for (const name of known) {
    const [text, theirText] = [own, theirs].map((folder) => readFileSync(join(folder, name), "utf8"));
    assert.equal(
      theirText,
      text,
      `${name} was changed since: no database of the version before is one of this version's`,
    );
  }
  const newest = Number(known.at(-1)?.slice(0, 4));
  const added = readdirSync(own)
    .filter((name) => !known.includes(name))
    .toSorted();
  const least = added.map((name) => {
    const [, said = name.slice(0, 4)] = /^-- least (\d+)\n/.exec(readFileSync(join(own, name), "utf8")) ?? [];
    return Number(said);
  });
  return { added, goTogether: Math.max(0, ...least) <= newest };
}
