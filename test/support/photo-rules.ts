import assert from "node:assert/strict";
import { parseUuid } from "../../src/domain/ids.ts";
import { sendsToWebhook, type TargetSecrets } from "../../src/domain/subscription.ts";
import type { TestApi } from "./api.ts";

/** Rules of the bucket `photos`, made through the API. */

export const rules = "/api/cloud/buckets/photos/notifications/";
export const url = "https://receiver.example/hook";

/** The id of a new one. */
export async function made(api: TestApi, body: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { status, data, text } = await api.ask("POST", rules, { url, ...body });
  assert.equal(status, 201, text);
  return String(data["id"]);
}

/** What is kept of a rule's secrets. */
export async function secretsOf(api: TestApi, id: string): Promise<TargetSecrets> {
  const uuid = parseUuid(id);
  assert.ok(uuid);
  const subscription = await api.deps.store.subscriptions.get(uuid);
  assert.ok(subscription !== undefined && sendsToWebhook(subscription));
  return JSON.parse(api.deps.vault.open(subscription.target.sealed)) as TargetSecrets;
}
