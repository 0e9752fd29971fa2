/** One of everything that callers can edit through the API. */
import assert from "node:assert/strict";
import type { Answer, TestApi } from "./api.ts";
import { makeApp, makeFunction } from "./functions.ts";

export const url = "https://receiver.example/hook";
export const webhook = { type: "webhook", url };

interface Editable {
  readonly name: string;
  readonly path: string;
  readonly method: "PATCH" | "PUT";
  /** Each time another. */
  readonly body: (n: number) => object;
  /** What else edits it. */
  readonly actions?: readonly string[];
  /** Absent: it cannot be deleted. */
  readonly deletes?: true;
}

/** One of everything that can be edited, in an order in which each can be deleted. */
export async function editables(api: TestApi): Promise<readonly Editable[]> {
  const { uuid: bucket } = await api.bucket("photos");
  await api.tokenOf("member", "mia");
  const idOf = ({ status, data, text }: Answer): string => {
    assert.ok(status < 300, text);
    return String(data["id"]);
  };
  await makeApp(api);
  await api.ask("POST", "/api/apps/", { name: "Empty" });
  const { id: fn, path: ofFunction } = await makeFunction(api);
  await makeFunction(api, { name: "Another" });
  const rules = "/api/cloud/buckets/photos/notifications/";
  const rule = idOf(await api.ask("POST", rules, { url }));
  const subscriptions = "/api/cloud/subscriptions/";
  const watching = { face: "notifications", event: "*", resource: bucket, target: webhook };
  const subscription = idOf(await api.ask("POST", subscriptions, watching));
  const hook = await api.ask("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: fn });
  const ofHook = `/api/cloud/events/PRE_USER_CREATE/subscribers/${idOf(hook)}/`;
  const user = idOf(await api.ask("POST", "/api/cloud/users/", { username: "uma" }));
  await api.ask("PUT", "/api/cloud/alerts/", { target: webhook });
  await api.ask("POST", "/api/cloud/destinations/", { name: "orders", target: webhook });
  await api.ask("PUT", `/api/cloud/resources/${bucket}/pems/mia/`, { permission: "read" });
  await api.ask("POST", "/api/cloud/tenants/", { id: "acme" });
  const retries = (n: number) => ({ max_retries: n });
  return [
    { name: "app", path: "/api/apps/empty/", method: "PATCH", body: (n) => ({ name: `App ${n}` }), deletes: true },
    {
      name: "destination",
      path: "/api/cloud/destinations/orders/",
      method: "PATCH",
      body: retries,
      actions: ["rotate-secret"],
      deletes: true,
    },
    {
      name: "rule",
      path: `${rules}${rule}/`,
      method: "PATCH",
      body: retries,
      actions: ["rotate-secret"],
      deletes: true,
    },
    {
      name: "subscription",
      path: `${subscriptions}${subscription}/`,
      method: "PATCH",
      body: (n) => ({ filter: `event = 'x${n}'` }),
      actions: ["rotate-secret"],
      deletes: true,
    },
    { name: "subscriber", path: ofHook, method: "PATCH", body: (n) => ({ priority: n }) },
    {
      name: "function",
      path: ofFunction,
      method: "PATCH",
      body: (n) => ({ timeout_ms: 1_000 + n }),
      deletes: true,
    },
    {
      name: "user",
      path: `/api/cloud/users/${user}/`,
      method: "PATCH",
      body: (n) => ({ first_name: `U${n}` }),
      deletes: true,
    },
    {
      name: "user schema",
      path: "/api/cloud/users/schema/",
      method: "PUT",
      body: (n) => ({ schema: { type: "object", maxProperties: n } }),
      deletes: true,
    },
    {
      name: "alert target",
      path: "/api/cloud/alerts/",
      method: "PUT",
      body: (n) => ({ target: { ...webhook, url: `${url}/${n}` } }),
      deletes: true,
    },
    {
      name: "grant",
      path: `/api/cloud/resources/${bucket}/pems/mia/`,
      method: "PUT",
      body: (n) => ({ permission: n % 2 === 0 ? "read" : "write" }),
      deletes: true,
    },
    {
      name: "quotas",
      path: "/api/cloud/tenants/acme/",
      method: "PATCH",
      body: (n) => ({ quotas: { buckets: 10 + n } }),
    },
    {
      name: "principal",
      path: "/api/cloud/principals/mia/",
      method: "PATCH",
      body: (n) => ({ role: n % 2 === 0 ? "member" : "developer" }),
      deletes: true,
    },
  ];
}
