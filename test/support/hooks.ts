/** Functions that are subscribed to events, and what events told them, through the API. */
import assert from "node:assert/strict";
import type { Event } from "../../src/domain/event.ts";
import type { LifecycleData } from "../../src/domain/lifecycle.ts";
import type { TestApi } from "./api.ts";
import { app, makeApp, makeFunction } from "./functions.ts";

/** Uploads a function and subscribes it. */
export async function subscribed(
  api: TestApi,
  event: string,
  code: string,
  options: Readonly<Record<string, unknown>> = {},
) {
  const { writes = false, secrets = {}, name = "Hook", ...subscription } = options;
  if ((await api.ask("GET", `/api/apps/${app.slug}/`)).status === 404) await makeApp(api);
  const slug = `f-${api.clock.bytes(1).join("")}`;
  const { id: fn, path } = await makeFunction(api, { name, slug, code, writes, secrets });
  const body = { function_id: fn, ...subscription };
  const answer = await api.ask("POST", `/api/cloud/events/${event}/subscribe/`, body);
  assert.equal(answer.status, 200, answer.text);
  return { fn, slug, path, subscriber: Number(answer.data["id"]) };
}

/** Events of that name, in their order, with what they tell. */
export async function eventsCalled(
  api: TestApi,
  name: string,
): Promise<readonly (Event & { readonly told: LifecycleData })[]> {
  const all = await api.deps.store.events.after(0, 200);
  return all
    .filter(({ names }) => names.lifecycle === name)
    .map((event) => ({ ...event, told: event.data as unknown as LifecycleData }));
}
