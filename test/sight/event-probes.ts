import { admins, type Entry, open, seeing } from "./probes.ts";
import { bucketName, type CallerName, seenBy, subscriptions, type Thing } from "./scene.ts";

/** The log of events, and the operations that they came of. */

const log = "/api/cloud/event-log/";
/** The event that came to a subscription: a delivery's id begins with its sequence. */
const sequenceIn = (delivery: string): string => delivery.slice(0, 16);
const sharedWithAll: readonly CallerName[] = [...admins, "developer", "mia", "wil", "wes", "una"];
/** Of what they listen to, those that mia's object was told to. */
const onFile: readonly Thing[] = ["rule", "adminsRule", "ruleForAll", "notification", "mail", "watcher"];

export const eventProbes: Readonly<Record<string, Entry>> = {
  "GET /api/cloud/event-log/": ({ file }) => [
    { path: `${log}?limit=100`, shows: (caller) => seeing(caller, ["bucket", "open", "job"]) },
    {
      path: `${log}?limit=100&deliveries=some`,
      // Of what came of an event one is told as far as one knows of its subscriptions.
      shows: (caller) => (seeing(caller, onFile).length === 0 ? [] : seeing(caller, ["bucket"])),
    },
    { path: `${log}?bucket=${bucketName}`, who: seenBy.bucket, shows: (caller) => seeing(caller, ["bucket"]) },
    { path: `${log}?resource=${file}`, shows: (caller) => seeing(caller, ["bucket"]) },
    {
      path: `${log}?face=objects&where=${encodeURIComponent("key LIKE 'marked-%'")}`,
      shows: (caller) => seeing(caller, ["bucket"]),
    },
  ],
  "GET /api/cloud/event-log/{id}/": ({ delivery }) => [
    {
      path: `${log}${sequenceIn(delivery.notification)}/`,
      who: seenBy.bucket,
      shows: (caller) => seeing(caller, ["bucket", ...onFile]),
    },
    {
      path: `${log}${sequenceIn(delivery.hook)}/`,
      who: seenBy.hook,
      shows: (caller) => seeing(caller, ["hook", "webhook"]),
    },
    {
      path: `${log}${sequenceIn(delivery.systemWatcher)}/`,
      who: sharedWithAll,
      shows: (caller) => seeing(caller, ["systemWatcher"]),
    },
    { path: `${log}${sequenceIn(delivery.foreign)}/`, who: seenBy.foreign, shows: () => ["foreign"] },
  ],
  // All have theirs already: those who may send it are answered so.
  "POST /api/cloud/event-log/{id}/send/": ({ id, delivery }) =>
    subscriptions.map((thing) => ({
      path: `${log}${sequenceIn(delivery[thing])}/send/`,
      body: { subscription: id[thing] },
      who: seenBy[thing],
      safe: true as const,
      ok: [409],
    })),
  "GET /api/cloud/decisions/{operation_id}/": open("/api/cloud/decisions/none/", { who: [] }),
  "GET /api/cloud/operations/": open("/api/cloud/operations/"),
  "GET /api/cloud/operations/{operation_id}/": open("/api/cloud/operations/none/", { who: [] }),
};
