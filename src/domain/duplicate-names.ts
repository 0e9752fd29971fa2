/** Where one reader of JSON takes the first of two members of one name and another the last, they read two different texts. */

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Whether an object in `text`, which is JSON, has two members of one name, however that is written. */
export function hasDuplicateNames(text: string): boolean {
  // The names of each object that is open; `undefined` for an array.
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (const [token] of text.matchAll(tokens)) {
    const names = open.at(-1);
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : undefined);
      isName = token === "{";
    } else if (token === "}" || token === "]") {
      open.pop();
      isName = false;
    } else if (token === ",") {
      isName = names !== undefined;
    } else if (token === ":") {
      isName = false;
    } else if (isName && names !== undefined) {
      const name = JSON.parse(token) as string;
      if (names.has(name)) return true;
      names.add(name);
      isName = false;
    }
  }
  return false;
}
