import { fork } from "node:child_process";
import { get, type IncomingMessage } from "node:http";
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

/** As little work as a reader can do: on two cores its own work would count as the server's. */
async function read(url: string, count: number): Promise<void> {
  let items = 0;
  let missed = 0;
  const headers = { authorization: `Bearer ${process.env["TOKEN"] ?? ""}` };
  const follow = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      get(`${url}/api/cloud/live/`, { headers, agent: false }, (answer) => {
        if (answer.statusCode === 200) resolve(answer);
        else reject(new Error(`the live stream answered ${answer.statusCode}`));
      }).once("error", reject);
    });
  const [first, ...others] = await Promise.all(Array.from({ length: count }, follow));
  for (const other of others) other.resume();
  process.on("message", () => process.send?.({ items, missed }));
  process.send?.("connected");
  if (first === undefined) return;
  // One counts for all: they are given the same.
  const reader = new EventStreamReader();
  for await (const text of first.setEncoding("utf8")) {
    for (const { event, data } of reader.read(text as string)) {
      if (event === "gap") missed += (JSON.parse(data) as { readonly missed: number }).missed;
      else items += 1;
    }
  }
}

if (import.meta.main) await read(process.argv[2] ?? "", Number(process.argv[3] ?? 1));
