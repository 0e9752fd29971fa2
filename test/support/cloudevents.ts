/** Sending CloudEvents to a real listener of the host interface. */
import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { CloudEvent } from "cloudevents";
import type { Event } from "../../src/domain/event.ts";
import { type TestApi, testApi } from "./api.ts";
import { orderEvents } from "./library.ts";
import { unwatched } from "./unwatched.ts";

export const structured = "application/cloudevents+json";
export const batch = "application/cloudevents-batch+json";

/** What is answered of one event. */
interface Told {
  readonly event: string;
  readonly task_ids: readonly { readonly task_id: string }[];
  readonly total_subscribers: number;
  readonly duplicate?: true;
}

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly code?: string;
  readonly message: string;
  readonly fields: readonly { readonly path: string; readonly message: string }[];
  readonly data: Told & { readonly results: readonly Told[] };
}

interface Sent {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export async function send(url: string, token: string, { headers, body }: Sent): Promise<Answered> {
  const answer = await fetch(new URL("/host/v1/events/", url), {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, ...(headers as Record<string, string>) },
    ...(body === undefined ? {} : { body: body as string }),
  });
  const text = await answer.text();
  const told = JSON.parse(text) as Omit<Answered, "text" | "status">;
  return { ...told, fields: told.fields ?? [], status: answer.status, text };
}

export const inBatch = (events: readonly unknown[]): Sent => ({
  headers: { "content-type": batch },
  body: JSON.stringify(events),
});
export const inOne = (event: object): Sent => ({
  headers: { "content-type": structured },
  body: JSON.stringify(event),
});

interface Listening extends AsyncDisposable {
  readonly api: TestApi;
  ask(sent: Sent, token?: string): Promise<Answered>;
  committed(): Promise<readonly Event[]>;
}

export async function listening(): Promise<Listening> {
  // Where another has listened before, this is watched from its beginning.
  const api = await unwatched(() => testApi({ events: orderEvents }));
  await api.hosts.listen({ host: "127.0.0.1", port: 0 });
  const { port } = api.hosts.server.address() as AddressInfo;
  const usual = await api.hostToken();
  return {
    api,
    ask: (sent, token = usual) => send(`http://127.0.0.1:${port}`, token, sent),
    committed: () => api.deps.store.events.after(0, 2_000),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

export const attributes = { source: "/orders", type: "POST_ORDER_CREATE", user: "ada" };
export const order = (id: string, more: object = {}): CloudEvent<object> =>
  new CloudEvent<object>({ ...attributes, id, data: { id: 7, item: "a pen" }, ...more });
/** As a producer without the SDK might say it. */
export const plain = (more: object = {}): Record<string, unknown> => ({
  specversion: "1.0",
  id: "1",
  ...attributes,
  data: { id: 7, item: "a pen" },
  ...more,
});

export async function register(api: TestApi, uuid: string): Promise<void> {
  const body = { kind: "job", owner: "ada", data: { name: uuid, status: "PENDING" } };
  const { status, text } = await api.askHost("PUT", `/host/v1/resources/${uuid}/`, body);
  assert.equal(status, 200, text);
}
