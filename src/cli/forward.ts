import { setTimeout as pause } from "node:timers/promises";
import { sign, signingKey } from "../domain/signature.ts";
import { asError } from "../errors.ts";
import { packageVersion } from "../version.ts";
import { type AtHand, type Given, part } from "./command.ts";
import { type Came, follow, liveQuery } from "./follow.ts";
import { printedLine } from "./print.ts";

/** Deliveries to a local server: made by the server as a webhook gets them, signed and sent from here. */

interface Listening extends AtHand {
  readonly secret: string;
}

interface Payload {
  /** `webhook-id`. */
  readonly id: string;
  readonly body: string;
  readonly about: string;
}

/** Under way at once; what comes on top is not read from the stream meanwhile. */
const atOnce = 8;
/** A local server that is being started again: tried so often, this long apart. */
const tries = 5;
const againMs = 1_000;
const timeoutMs = 30_000;
const longestShown = 200;

export async function forwardAll(given: Given, listening: Listening): Promise<void> {
  const { api, out, err, secret } = listening;
  const to = given.text("forward-to") ?? "";
  if (!URL.canParse(to) || !/^https?:$/.test(new URL(to).protocol)) {
    throw new Error("--forward-to: must be the http(s) address of a server, such as http://localhost:3000/hook");
  }
  const key = signingKey(secret);
  const send = (payload: Payload): Promise<boolean> => forward(listening, { to, key, payload });
  const replay = given.text("replay");
  if (replay !== undefined) {
    if (!(await send(await replayed(listening, given, replay)))) throw new Error("it was not acknowledged");
    return;
  }
  err(`signalbox: sending what happens to ${to}, signed with ${secret}`);
  const underWay = new Set<Promise<unknown>>();
  const query = { ...liveQuery(given), topics: "events", payload: "webhook" };
  for await (const came of follow(api, { query, note: (text) => err(`signalbox: ${text}`) })) {
    if (came.event === "gap") out(`-- ${printedLine(came.data["missed"])} left out: this side is too slow`);
    const payload = came.event === "event" ? payloadOf(came.data) : undefined;
    if (payload === undefined) continue;
    const sending = send(payload).finally(() => underWay.delete(sending));
    underWay.add(sending);
    if (underWay.size >= atOnce) await Promise.race(underWay);
  }
}

function payloadOf(data: Came["data"]): Payload | undefined {
  const { payload, names, bucket, key, resource } = data;
  if (payload === null || payload === undefined) return undefined;
  const name = Object.values(names as Readonly<Record<string, string>>)[0] ?? "";
  const place = typeof bucket === "string" && typeof key === "string" ? `${bucket}/${key}` : resource;
  return { ...(payload as Pick<Payload, "id" | "body">), about: `${name} ${printedLine(place)}` };
}

/** What was sent of a delivery, or would be sent of an event. */
async function replayed({ api }: Listening, given: Given, id: string): Promise<Payload> {
  if (id.endsWith("-042")) {
    const delivery = await api({ method: "GET", path: `/api/cloud/deliveries/${part(id)}/` });
    const number = Math.max(1, Number(delivery["attempt_count"]));
    const attempt = await api({ method: "GET", path: `/api/cloud/deliveries/${part(id)}/attempts/${number}/` });
    const { body } = (attempt["request"] ?? {}) as { readonly body?: unknown };
    if (typeof body !== "string") throw new Error("what was sent is no webhook's, or cannot be made again");
    return { id, body, about: `delivery ${id}` };
  }
  const query = { ...liveQuery(given), topics: "events", payload: "webhook", cursor: "oldest", until: "now" };
  for await (const { event, data } of follow(api, { query, note: () => {} })) {
    if (event !== "event" || (data["id"] !== id && data["sequence"] !== id)) continue;
    const payload = payloadOf(data);
    if (payload === undefined) throw new Error("the event has no name on that face: give another with --face");
    return payload;
  }
  throw new Error(`there is no event '${id}' that you see`);
}

/** Whether it was acknowledged. What is answered is shown; one that cannot be reached is tried again. */
async function forward(
  { out, fetch }: Listening,
  { to, key, payload }: { readonly to: string; readonly key: ReturnType<typeof signingKey>; readonly payload: Payload },
): Promise<boolean> {
  const { id, body, about } = payload;
  for (let attempt = 1; ; attempt += 1) {
    const began = performance.now();
    const timestampS = Math.floor(Date.now() / 1_000);
    const headers = {
      "content-type": "application/json",
      "user-agent": `Signalbox/${packageVersion} (listen)`,
      "webhook-id": id,
      "webhook-timestamp": String(timestampS),
      "webhook-signature": sign([key], { id, timestampS, body: Buffer.from(body) }),
    };
    try {
      const answer = await fetch(to, { method: "POST", headers, body, signal: AbortSignal.timeout(timeoutMs) });
      const text = (await answer.text()).slice(0, longestShown);
      const took = `${Math.round(performance.now() - began)} ms`;
      out(
        `${answer.ok ? "ok " : "no "} ${answer.status}  ${took}  ${about}${text === "" ? "" : `  ${printedLine(text)}`}`,
      );
      return answer.ok;
    } catch (thrown) {
      const { cause, message } = asError(thrown);
      const why = cause === undefined ? message : asError(cause).message || message;
      out(`no  -  ${about}  ${why}${attempt < tries ? ": trying again" : ""}`);
      if (attempt >= tries) return false;
      await pause(againMs * attempt);
    }
  }
}
