import type { Part } from "../store/records.ts";
import type { Store } from "../store/store.ts";

/** All parts of an upload, by number: at most 10,000. */
export async function allParts(store: Store, upload: string): Promise<Part[]> {
  const parts: Part[] = [];
  for (let after = 0; ; ) {
    const page = await store.uploads.parts(upload, { after, max: 1000 });
    parts.push(...page);
    if (page.length < 1000) return parts;
    after = page.at(-1)?.number ?? after;
  }
}
