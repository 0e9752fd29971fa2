import { admins, type Entry, managers, one, oneShown, open, rules, seeing } from "./probes.ts";
import { bucketName, key, seenBy, subscriptions } from "./scene.ts";

/** Deliveries and redrives. */
export const deliveryProbes: Readonly<Record<string, Entry>> = {
  "GET /api/cloud/deliveries/": ({ id }) => [
    { path: "/api/cloud/deliveries/?limit=100", shows: (caller) => seeing(caller, subscriptions) },
    {
      path: `/api/cloud/deliveries/?bucket=${bucketName}`,
      who: seenBy.bucket,
      shows: (caller) => seeing(caller, rules),
    },
    ...oneShown((thing) => `/api/cloud/deliveries/?rule=${id[thing]}`, subscriptions),
  ],
  "GET /api/cloud/deliveries/count/": ({ id }) => [
    { path: "/api/cloud/deliveries/count/" },
    { path: `/api/cloud/deliveries/count/?bucket=${bucketName}`, who: seenBy.bucket },
    ...one((thing) => `/api/cloud/deliveries/count/?rule=${id[thing]}`, subscriptions),
  ],
  "GET /api/cloud/deliveries/{id}/": ({ delivery }) =>
    oneShown((thing) => `/api/cloud/deliveries/${delivery[thing]}/`, subscriptions),
  "GET /api/cloud/deliveries/{id}/attempts/{number}/": ({ delivery }) =>
    oneShown((thing) => `/api/cloud/deliveries/${delivery[thing]}/attempts/1/`, subscriptions),
  "POST /api/cloud/deliveries/{id}/redrive/": ({ delivery }) =>
    one((thing) => `/api/cloud/deliveries/${delivery[thing]}/redrive/`, subscriptions, { safe: true, ok: [200, 409] }),
  "POST /api/cloud/deliveries/redrive/": ({ id }) => [
    ...subscriptions.map((thing) => ({
      path: "/api/cloud/deliveries/redrive/",
      body: { rule: id[thing], since: "2999-01-01T00:00:00Z" },
      who: seenBy[thing],
      safe: true as const,
    })),
    {
      path: "/api/cloud/deliveries/redrive/",
      body: { bucket: bucketName, since: "2999-01-01T00:00:00Z" },
      who: managers,
      safe: true,
    },
  ],
  "GET /api/cloud/deliveries/redrive/": open("/api/cloud/deliveries/redrive/", {
    shows: (caller) => seeing(caller, ["rule", "notification", "watcher"]),
  }),
  "DELETE /api/cloud/deliveries/redrive/{id}/": ({ redrive }) => [
    // Done long since: those who may cancel it hear so.
    {
      path: `/api/cloud/deliveries/redrive/${redrive.rule}/`,
      who: [...admins, "mia"],
      safe: true,
      ok: [409],
      refused: { developer: 403 },
    },
    { path: `/api/cloud/deliveries/redrive/${redrive.everything}/`, who: admins, safe: true, ok: [409] },
  ],
  "GET /api/cloud/deliveries/redrive/{id}/": ({ redrive }) => [
    ...(["rule", "notification", "watcher"] as const).flatMap((thing) =>
      oneShown(() => `/api/cloud/deliveries/redrive/${redrive[thing]}/`, [thing]),
    ),
    { path: `/api/cloud/deliveries/redrive/${redrive.everything}/`, who: admins },
  ],
  "GET /api/cloud/live/": ({ id }) => [
    {
      path: "/api/cloud/live/?topics=deliveries&cursor=oldest&until=now",
      shows: (caller) => seeing(caller, subscriptions),
    },
    { path: "/api/cloud/live/?topics=events,redrives&cursor=oldest&until=now" },
    { path: `/api/cloud/live/?bucket=${bucketName}&until=now`, who: seenBy.bucket },
    ...one((thing) => `/api/cloud/live/?subscription=${id[thing]}&until=now`, subscriptions),
  ],
  "GET /api/cloud/explain/": () => [
    {
      path: `/api/cloud/explain/?bucket=${bucketName}&key=${encodeURIComponent(key)}`,
      who: seenBy.bucket,
      shows: (caller) => seeing(caller, ["rule", "adminsRule", "ruleForAll"]),
    },
    { path: "/api/cloud/explain/?bucket=foreign-bucket&key=key-of-foreign", who: seenBy.foreign },
  ],
  "GET /api/cloud/destinations/": () => [{ path: "/api/cloud/destinations/" }],
  "POST /api/cloud/destinations/": () => [{ path: "/api/cloud/destinations/", body: {}, who: [] }],
  "GET /api/cloud/destinations/{name}/": () => [{ path: "/api/cloud/destinations/none/", who: [] }],
  "PATCH /api/cloud/destinations/{name}/": () => [{ path: "/api/cloud/destinations/none/", body: {}, who: [] }],
  "DELETE /api/cloud/destinations/{name}/": () => [{ path: "/api/cloud/destinations/none/?force=true", who: [] }],
  "POST /api/cloud/destinations/{name}/rotate-secret/": () => [
    { path: "/api/cloud/destinations/none/rotate-secret/", who: [] },
  ],
  "POST /api/cloud/destinations/{name}/test/": () => [{ path: "/api/cloud/destinations/none/test/", who: [] }],
  "GET /api/cloud/alerts/": () => [{ path: "/api/cloud/alerts/", who: [...admins, "foreigner", "operatorElsewhere"] }],
  "PUT /api/cloud/alerts/": () => [
    { path: "/api/cloud/alerts/", body: { target: { type: "email", address: "a@b.example" } } },
  ],
  "DELETE /api/cloud/alerts/": () => [{ path: "/api/cloud/alerts/" }],
};
