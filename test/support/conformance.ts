import assert from "node:assert/strict";
import type { Asked } from "./egress.ts";

/** What a real server is asked, and what it has to be understood to answer. */
export interface Exchanged {
  readonly path: string;
  readonly status: number;
  /** The beginning of the body. Default: what was sent, as its length. */
  readonly snippet?: string;
  /** Of what is sent. Default: 1 KiB. */
  readonly bytes?: number;
  /** Whether the second request went over the connection of the first; `undefined` where that is the server's affair. */
  readonly reused?: boolean;
}

/** Asks for each of the table twice, one after the other, and for all of it at once. */
export async function assertConformance(out: Asked, url: string, table: readonly Exchanged[]): Promise<void> {
  const ask = async ({ path, status, bytes = 1_024, snippet = String(bytes) }: Exchanged): Promise<boolean> => {
    const headers = ["content-type", "text/plain", "x-own", "\u00e9"];
    const target = new URL(path, url);
    const answer = await out.post({ url: target, headers, body: Buffer.alloc(bytes, "b"), timeoutMs: 20_000 });
    assert.equal(answer.kind, "answer", `${path}: ${JSON.stringify(answer)}`);
    assert.deepEqual(answer.kind === "answer" && [answer.status, answer.snippet], [status, snippet], path);
    assert.ok(answer.seen?.head !== undefined && answer.seen.answeredMs !== undefined, path);
    return answer.seen.reused;
  };
  for (const row of table) {
    await ask(row);
    const reused = await ask(row);
    if (row.reused !== undefined)
      assert.equal(reused, row.reused, `${row.path} ${row.reused ? "keeps" : "ends"} its connection`);
  }
  await Promise.all([...table, ...table].map(ask));
}
