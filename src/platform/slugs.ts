/** Names in paths: 1–63 of `a-z`, `0-9` and hyphens, no hyphen at either end. */

export const longestSlug = 63;

/** The slug of something called `name`; `undefined` when nothing of the name can stand in one. */
export function slugOf(name: string): string | undefined {
  const slug = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, longestSlug)
    .replace(/-+$/, "");
  return slug === "" ? undefined : slug;
}
