import type { Client, CliRequest } from "./client.ts";

type ListedEntry = Readonly<Record<string, unknown>>;

const pageSize = 100;

/** The first `most` entries of a list of the API, over as many pages as that takes. */
export async function fetchList(
  api: Client,
  request: CliRequest,
  { of, paged }: { readonly of: string; readonly paged: boolean },
  most: number,
): Promise<{ readonly entries: readonly ListedEntry[]; readonly more: boolean }> {
  const entries: ListedEntry[] = [];
  for (let cursor: string | undefined; ; ) {
    const limit = String(Math.min(pageSize, most - entries.length));
    const data = await api(paged ? { ...request, query: { ...request.query, limit, cursor } } : request);
    entries.push(...((data[of] ?? []) as ListedEntry[]));
    const next = data["next_cursor"];
    cursor = typeof next === "string" ? next : undefined;
    if (cursor === undefined || entries.length >= most) return { entries, more: cursor !== undefined };
  }
}
