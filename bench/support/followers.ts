import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { EventStreamReader } from "../../src/domain/event-stream.ts";

/** Readers of the live stream, in a process of their own: what they take themselves is not the server's. */

export interface Followers extends AsyncDisposable {
  /** What each of them was given so far. */
  given(): Promise<{ readonly items: number; readonly missed: number }>;
}

/** Resolves when all of them are connected. */
export async function followers(url: string, token: string, count: number): Promise<Followers> {
  const child = fork(fileURLToPath(import.meta.url), [url, String(count)], { env: { ...process.env, TOKEN: token } });
  const next = (): Promise<unknown> => new Promise((resolve) => child.once("message", resolve));
  await next();
  return {
    given: async () => {
      const answer = next();
      child.send("given");
      return (await answer) as { items: number; missed: number };
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        child.once("exit", () => resolve());
        child.kill();
      }),
  };
}

async function read(url: string, count: number): Promise<void> {
  let items = 0;
  let missed = 0;
  const follow = async (): Promise<AsyncIterable<Uint8Array>> => {
    const headers = { authorization: `Bearer ${process.env["TOKEN"] ?? ""}` };
    const response = await fetch(`${url}/api/cloud/live/`, { headers });
    if (!response.ok || response.body === null) throw new Error(`the live stream answered ${response.status}`);
    return response.body;
  };
  const bodies = await Promise.all(Array.from({ length: count }, follow));
  process.on("message", () => process.send?.({ items, missed }));
  process.send?.("connected");
  await Promise.all(
    bodies.map(async (body, index) => {
      const reader = new EventStreamReader();
      const decoder = new TextDecoder();
      for await (const bytes of body) {
        // One counts for all: they are given the same.
        if (index > 0) continue;
        for (const { event, data } of reader.read(decoder.decode(bytes, { stream: true }))) {
          if (event === "gap") missed += (JSON.parse(data) as { readonly missed: number }).missed;
          else items += 1;
        }
      }
    }),
  );
}

if (import.meta.main) await read(process.argv[2] ?? "", Number(process.argv[3] ?? 1));
