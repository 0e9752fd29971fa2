/** Resource notifications, what they sent, and mails that were kept. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { deliveryUuid, parseUuid } from "../../../src/domain/ids.ts";
import type { Subscription } from "../../../src/domain/subscription.ts";
import type { TestApi } from "../api.ts";
import type { Told, Walk } from "../openapi-examples.ts";

const path = "/notifications/v2/";

export async function walkNotifications(walk: Walk): Promise<void> {
  const { tell, api } = walk;
  const { files } = (await api.ask("GET", "/api/cloud/files/?bucket=photos")).data;
  const [file] = files as readonly { readonly uuid: string }[];
  await tell("GET", `${path}events/`);
  const made = await tell("POST", path, {
    url: "https://receiver.example/hooks",
    event: "CONTENT_CHANGED",
    associatedUuid: file?.uuid,
    persistent: true,
    policy: { retryStrategy: "DELAYED", retryLimit: 5, retryDelay: 10 },
  });
  const one = `${path}${String(made["id"])}/`;
  await tell("GET", one);
  const replaced = { url: "https://receiver.example/hooks", event: "*", associatedUuid: file?.uuid, persistent: true };
  await tell("PUT", one, replaced);
  await tell("POST", one, replaced);
  await tell("PATCH", one, { policy: { retryLimit: 10 } });
  await tell("GET", path);

  const attempt = await fired(walk, one, String(made["id"]));
  await tell("GET", `${one}attempts/`);
  await tell("GET", `${one}attempts/${String(attempt["id"])}/`);
  await tell("DELETE", `${one}attempts/${String(attempt["id"])}/`);
  await tell("DELETE", `${one}attempts/`);
  await tell("DELETE", one);
  await mails(walk, file?.uuid);
}

/** It is answered once its first try was recorded, which the engine does elsewhere. */
async function fired({ tell, api }: Walk, one: string, id: string): Promise<Told> {
  const before = (await api.deps.store.events.after(0, 1_000)).at(-1)?.sequence ?? 0;
  const over = new AbortController();
  const asked = tell("POST", `${one}attempts/`, {}).finally(() => over.abort());
  const published = async () => (await api.deps.store.events.after(before, 1))[0];
  let event = await published();
  for (; event === undefined && !over.signal.aborted; event = await published()) await setImmediate();
  const subscription = await subscriptionOf(api, id);
  const sequence = event?.sequence ?? 0;
  const startedMs = api.clock.now();
  const attempt = {
    number: 1,
    startedMs,
    durationMs: 12,
    status: 500,
    reason: "status",
    message: "answered 500",
    snippet: "no",
  } as const;
  const facts = { tenant: "default", status: "dead", attempts: 1, tries: 1, reason: "status", attempt } as const;
  await api.feed.settle({ records: [{ ...facts, sequence, subscription: subscription.number }], done: [sequence] });
  // It looks for the record from time to time.
  for (; !over.signal.aborted; await setImmediate()) api.clock.advance(100);
  return asked;
}

async function subscriptionOf({ deps: { store } }: TestApi, id: string): Promise<Subscription> {
  const uuid = parseUuid(id);
  const found = uuid === undefined ? undefined : await store.subscriptions.get(uuid);
  assert.ok(found, id);
  return found;
}

/** A mail that was kept because there is no server, as the engine sends it. */
async function mails({ tell, api, mailer }: Walk, file: string | undefined): Promise<void> {
  const { data } = await api.ask("POST", "/api/cloud/subscriptions/", {
    event: "*",
    face: "notifications",
    resource: file,
    target: { type: "email", address: "ada@example.com" },
  });
  const { uuid } = await subscriptionOf(api, String(data["id"]));
  const outcome = await mailer.send({
    to: "ada@example.com",
    subject: "images/sunset.png: CONTENT_CHANGED",
    text: "images/sunset.png was changed.",
    html: "<p>images/sunset.png was changed.</p>",
    tenant: "default",
    id: deliveryUuid(1, uuid),
    headers: {},
  });
  assert.equal(outcome.kind, "accepted");
  const { mails: kept } = await tell("GET", "/api/cloud/mails/");
  const [mail] = kept as readonly { readonly name: string }[];
  await tell("GET", `/api/cloud/mails/${String(mail?.name)}/`);
}
