/** What is asked of each route of the OpenAPI document, and who may. A route that has no entry here fails the test. */
import { bucketProbes } from "./bucket-probes.ts";
import { deliveryProbes } from "./delivery-probes.ts";
import { eventProbes } from "./event-probes.ts";
import { figureProbes } from "./figure-probes.ts";
import { filterProbes } from "./filter-probes.ts";
import { principalProbes } from "./principal-probes.ts";
import {
  admins,
  type Entry,
  managers,
  one,
  oneShown,
  open,
  type Probe,
  refusedToAll,
  rules,
  seeing,
} from "./probes.ts";
import {
  appSlug,
  bucketName,
  type CallerName,
  openName,
  type Scene,
  seenBy,
  subscriptions,
  type Thing,
} from "./scene.ts";
import { systemProbes } from "./system-probes.ts";

const noRules: readonly Thing[] = ["notification", "mail", "watcher", "systemWatcher", "ruleForAll", "foreign"];
const noticed: readonly Thing[] = ["notification", "mail", "watcher", "systemWatcher"];
const rulesPath = `/api/cloud/buckets/${bucketName}/notifications/`;
const ruleAction =
  (action: string, more: Partial<Probe> = {}): Entry =>
  ({ id }) => [
    ...one((thing) => `${rulesPath}${id[thing]}/${action}`, rules, more),
    ...noRules.map((thing) => ({ ...more, path: `${rulesPath}${id[thing]}/${action}`, who: [] })),
  ];
const subscriptionAction =
  (action: string, more: Partial<Probe> = {}): Entry =>
  ({ id }) =>
    one((thing) => `/api/cloud/subscriptions/${id[thing]}/${action}`, subscriptions, more);
const noticeAction =
  (action: (scene: Scene, thing: Thing) => string, more: Partial<Probe> = {}): Entry =>
  (scene) => [
    ...one((thing) => `/notifications/v2/${scene.id[thing]}/${action(scene, thing)}`, noticed, more),
    ...(["rule", "hook", "foreign"] as const).map((thing) => ({
      ...more,
      path: `/notifications/v2/${scene.id[thing]}/${action(scene, thing)}`,
      who: [],
    })),
  ];
const inApp: readonly CallerName[] = [...admins, "developer"];
const appReaders: readonly CallerName[] = [...inApp, "mia", "wil", "wes", "una"];
const app = `/api/apps/${appSlug}/`;
const ofApp =
  (rest: string, who: readonly CallerName[], more: Partial<Probe> = {}): Entry =>
  () => [{ path: `${app}${rest}`, who, ...more }];
const ofFunction =
  (rest: string, more: Partial<Probe> = {}): Entry =>
  ({ fn }) => [{ path: `${fn.path}${rest}`, who: inApp, ...more }];
const owned: Readonly<Partial<Record<CallerName, readonly Thing[]>>> = {
  operator: subscriptions.filter((thing) => thing !== "foreign"),
  admin: subscriptions.filter((thing) => thing !== "foreign"),
  developer: ["hook"],
  mia: ["rule", "notification", "mail"],
  wil: ["watcher"],
  una: ["systemWatcher"],
  foreigner: ["foreign"],
  operatorElsewhere: ["foreign"],
};
const ownNotices = (caller: CallerName): readonly Thing[] =>
  (owned[caller] ?? []).filter((thing) => noticed.includes(thing));
const event = "POST_USER_CREATE";

export const matrix: Readonly<Record<string, Entry>> = {
  ...systemProbes,
  "GET /api/cloud/buckets/": open("/api/cloud/buckets/", { shows: (caller) => seeing(caller, ["bucket", "open"]) }),
  ...bucketProbes,
  "GET /api/cloud/buckets/{bucket}/notifications/": () => [
    { path: rulesPath, who: managers, shows: () => rules },
    { path: "/api/cloud/buckets/foreign-bucket/notifications/", who: seenBy.foreign, shows: () => ["foreign"] },
  ],
  "POST /api/cloud/buckets/{bucket}/notifications/": () => [
    { path: rulesPath, body: { url: "https://receiver.example/" }, who: managers },
  ],
  "GET /api/cloud/buckets/{bucket}/notifications/{id}/": ruleAction(""),
  "PATCH /api/cloud/buckets/{bucket}/notifications/{id}/": ruleAction("", { body: {}, safe: true }),
  "DELETE /api/cloud/buckets/{bucket}/notifications/{id}/": ruleAction(""),
  "POST /api/cloud/buckets/{bucket}/notifications/{id}/rotate-secret/": ruleAction("rotate-secret/", { safe: true }),
  "POST /api/cloud/buckets/{bucket}/notifications/{id}/resume/": ruleAction("resume/", { safe: true, ok: [409] }),
  "POST /api/cloud/buckets/{bucket}/notifications/{id}/test/": ruleAction("test/", { safe: true }),
  "POST /api/cloud/buckets/{bucket}/notifications/check/": () => [
    { path: `${rulesPath}check/`, body: { filter: "" }, who: managers, safe: true, shows: () => [] },
  ],
  ...filterProbes,
  "GET /api/cloud/subscriptions/": ({ id }) => [
    { path: "/api/cloud/subscriptions/", shows: (caller) => owned[caller] ?? [] },
    {
      path: `/api/cloud/subscriptions/?resource=${id.bucket}`,
      shows: (caller) => (managers.includes(caller) ? rules : []),
    },
    { path: "/api/cloud/subscriptions/?owner=mia" },
    { path: "/api/cloud/subscriptions/?include=health", shows: (caller) => owned[caller] ?? [] },
  ],
  "POST /api/cloud/subscriptions/": ({ id, file }) => [
    {
      path: "/api/cloud/subscriptions/",
      body: {
        event: "*",
        face: "notifications",
        resource: id.watcher,
        target: { type: "email", address: "a@b.example" },
      },
      who: seenBy.watcher,
    },
    {
      path: "/api/cloud/subscriptions/",
      body: { event: "*", face: "notifications", resource: file, target: { type: "email", address: "a@b.example" } },
      who: seenBy.bucket,
    },
    {
      path: "/api/cloud/subscriptions/",
      body: { event: "*", bucket: bucketName, target: { type: "email", address: "a@b.example" } },
      who: managers,
    },
  ],
  "GET /api/cloud/subscriptions/{id}/": ({ id }) =>
    oneShown((thing) => `/api/cloud/subscriptions/${id[thing]}/`, subscriptions),
  "PATCH /api/cloud/subscriptions/{id}/": subscriptionAction("", { body: {}, safe: true }),
  "DELETE /api/cloud/subscriptions/{id}/": subscriptionAction(""),
  "POST /api/cloud/subscriptions/{id}/resume/": subscriptionAction("resume/", { safe: true, ok: [409] }),
  "POST /api/cloud/subscriptions/{id}/rotate-secret/": subscriptionAction("rotate-secret/", {
    safe: true,
    ok: [200, 409],
  }),
  "GET /api/cloud/mails/": open("/api/cloud/mails/", { shows: (caller) => seeing(caller, ["mail"]) }),
  "GET /api/cloud/mails/{name}/": ({ mailName }) => [
    { path: `/api/cloud/mails/${mailName}/`, who: admins, shows: () => ["mail"] },
  ],
  ...deliveryProbes,
  ...eventProbes,
  "GET /api/cloud/poisoned/": open("/api/cloud/poisoned/"),
  "POST /api/cloud/poisoned/{id}/redrive/": ({ file }) => [{ path: `/api/cloud/poisoned/${file}/redrive/`, who: [] }],
  "GET /api/cloud/usage/": ({ id }) => [
    { path: "/api/cloud/usage/", shows: (caller) => seeing(caller, subscriptions) },
    { path: `/api/cloud/usage/?bucket=${bucketName}`, who: seenBy.bucket },
    ...oneShown((thing) => `/api/cloud/usage/?rule=${id[thing]}`, subscriptions),
  ],
  ...figureProbes,
  "GET /api/cloud/resources/{uuid}/pems/": ({ id }) => [
    { path: `/api/cloud/resources/${id.bucket}/pems/`, who: managers },
    { path: `/api/cloud/resources/${id.notification}/pems/`, who: seenBy.notification },
    { path: `/api/cloud/resources/${id.watcher}/pems/`, who: seenBy.watcher },
  ],
  "GET /api/cloud/resources/{uuid}/pems/{username}/": ({ id }) => [
    { path: `/api/cloud/resources/${id.bucket}/pems/wil/`, who: [...managers, "wil"] },
    { path: `/api/cloud/resources/${id.open}/pems/*/`, who: managers },
    // Everybody may ask about themselves.
    { path: `/api/cloud/resources/${id.open}/pems/una/`, who: ["una"] },
    { path: `/api/cloud/resources/${id.job}/pems/*/`, who: [] },
    { path: `/api/cloud/resources/${id.watcher}/pems/wes/`, who: [] },
  ],
  "PUT /api/cloud/resources/{uuid}/pems/{username}/": ({ id }) => [
    { path: `/api/cloud/resources/${id.bucket}/pems/wil/`, body: { permission: "read" }, who: managers, safe: true },
    { path: `/api/cloud/resources/${id.watcher}/pems/mia/`, body: { permission: "read" }, who: seenBy.watcher },
    { path: `/api/cloud/resources/${id.open}/pems/*/`, body: { permission: "read" }, who: managers, safe: true },
  ],
  "DELETE /api/cloud/resources/{uuid}/pems/{username}/": ({ id }) => [
    { path: `/api/cloud/resources/${id.bucket}/pems/wil/`, who: managers },
  ],
  "GET /api/cloud/files/": () => [
    { path: `/api/cloud/files/?bucket=${bucketName}`, who: seenBy.bucket, shows: () => ["bucket"] },
    { path: `/api/cloud/files/?bucket=${bucketName}&delimiter=-`, who: seenBy.bucket },
    { path: `/api/cloud/files/?bucket=${openName}`, who: seenBy.open, shows: () => ["open"] },
    { path: "/api/cloud/files/?bucket=foreign-bucket", who: seenBy.foreign },
  ],
  "GET /api/cloud/files/{uuid}/": ({ file }) => [
    { path: `/api/cloud/files/${file}/`, who: seenBy.bucket, shows: () => ["bucket"] },
  ],
  "POST /api/cloud/files/{uuid}/rename/": ({ file }) => [
    {
      path: `/api/cloud/files/${file}/rename/`,
      body: { key: "other" },
      who: [...managers, "wes"],
      refused: { wil: 403 },
    },
  ],
  "GET /api/cloud/events/": open("/api/cloud/events/"),
  "GET /api/cloud/events/{event}/": open(`/api/cloud/events/${event}/`),
  "GET /api/cloud/types/": open("/api/cloud/types/?event=POST_USER_CREATE"),
  "GET /api/cloud/events/{event}/types/": open(`/api/cloud/events/${event}/types/`),
  "POST /api/cloud/events/{event}/subscribe/": ({ fn }) => [
    { path: `/api/cloud/events/${event}/subscribe/`, body: { function_id: fn.id }, who: [], refused: everybody(400) },
  ],
  "POST /api/cloud/events/{event}/unsubscribe/": ({ fn }) => [
    { path: `/api/cloud/events/${event}/unsubscribe/`, body: { function_id: fn.id }, who: inApp },
  ],
  "PATCH /api/cloud/events/{event}/subscribers/{id}/": ({ fn }) => [
    { path: `/api/cloud/events/${event}/subscribers/${fn.subscriber}/`, body: {}, who: inApp, safe: true },
  ],
  "POST /api/cloud/events/{event}/simulate/": () => [
    { path: "/api/cloud/events/PRE_USER_CREATE/simulate/", body: { params: {} }, safe: true, ok: [200, 400] },
  ],
  "GET /api/apps/{app}/events/": ofApp("events/", appReaders),
  "GET /api/apps/{app}/events/{event}/": ofApp(`events/${event}/`, appReaders),
  "GET /api/apps/": open("/api/apps/"),
  "POST /api/apps/": refusedToAll("/api/apps/", { name: "" }),
  "GET /api/apps/{app}/": ofApp("", appReaders),
  "PATCH /api/apps/{app}/": ofApp("", inApp, { body: { name: "Marked app" }, safe: true }),
  "DELETE /api/apps/{app}/": ofApp("", inApp),
  "GET /api/apps/{app}/functions/": ofApp("functions/", inApp),
  "POST /api/apps/{app}/functions/": ofApp("functions/", inApp, {
    body: { name: "x", code: "export default () => 1" },
  }),
  "POST /api/apps/{app}/functions/check/": ofApp("functions/check/", inApp, { body: { code: "" } }),
  "POST /api/apps/{app}/functions/run/": ofApp("functions/run/", inApp, { body: { code: "export default () => 1" } }),
  "GET /api/apps/{app}/functions/{fn}/": ofFunction(""),
  "GET /api/cloud/functions/{id}/": ({ fn }) => [{ path: `/api/cloud/functions/${fn.id}/`, who: inApp }],
  "PATCH /api/apps/{app}/functions/{fn}/": ofFunction("", { body: {} }),
  "DELETE /api/apps/{app}/functions/{fn}/": ofFunction(""),
  "GET /api/apps/{app}/functions/{fn}/versions/": ofFunction("versions/"),
  "POST /api/apps/{app}/functions/{fn}/versions/": ofFunction("versions/", {
    body: { code: "export default () => 1" },
  }),
  "GET /api/apps/{app}/functions/{fn}/versions/{version}/": ofFunction("versions/1/"),
  "POST /api/apps/{app}/functions/{fn}/versions/{version}/activate/": ofFunction("versions/1/activate/"),
  "POST /api/apps/{app}/functions/{fn}/rollback/": ofFunction("rollback/"),
  "POST /api/apps/{app}/functions/{fn}/invoke/": ofFunction("invoke/", { body: {} }),
  "GET /api/apps/{app}/functions/{fn}/invocations/": ofFunction("invocations/", { shows: () => ["hook"] }),
  "GET /api/cloud/invocations/": () => [
    {
      path: "/api/cloud/invocations/",
      who: [...inApp, "operatorElsewhere", "foreigner"],
      shows: (caller) => seeing(caller, ["hook"]),
    },
  ],
  "GET /api/cloud/invocations/{id}/": ({ fn }) => [
    { path: `/api/cloud/invocations/${fn.invocation}/`, who: seenBy.hook, shows: () => ["hook"] },
  ],
  "GET /api/cloud/users/schema/": open("/api/cloud/users/schema/", { ok: [200, 404] }),
  "PUT /api/cloud/users/schema/": open("/api/cloud/users/schema/", { body: {} }),
  "DELETE /api/cloud/users/schema/": open("/api/cloud/users/schema/"),
  "GET /api/cloud/users/": open("/api/cloud/users/"),
  "POST /api/cloud/users/": refusedToAll("/api/cloud/users/", {}),
  "GET /api/cloud/users/{id}/": ({ user }) => [
    { path: `/api/cloud/users/${user}/`, who: inApp },
    { path: "/api/cloud/users/me/", who: [] },
  ],
  "PATCH /api/cloud/users/{id}/": ({ user }) => [{ path: `/api/cloud/users/${user}/`, body: {}, who: admins }],
  "DELETE /api/cloud/users/{id}/": ({ user }) => [{ path: `/api/cloud/users/${user}/`, who: admins }],
  "GET /api/cloud/tenants/": open("/api/cloud/tenants/"),
  "POST /api/cloud/tenants/": refusedToAll("/api/cloud/tenants/", {}),
  "GET /api/cloud/tenants/{id}/": open("/api/cloud/tenants/default/"),
  "PATCH /api/cloud/tenants/{id}/": open("/api/cloud/tenants/default/", { body: {}, who: [] }),
  "GET /api/cloud/tokens/": open("/api/cloud/tokens/"),
  "POST /api/cloud/tokens/": refusedToAll("/api/cloud/tokens/", {}),
  "DELETE /api/cloud/tokens/{id}/": ({ id }) => [{ path: `/api/cloud/tokens/${id.bucket}/`, who: [] }],
  ...principalProbes,
  "GET /api/cloud/access-keys/": open("/api/cloud/access-keys/"),
  "POST /api/cloud/access-keys/": open("/api/cloud/access-keys/", { body: {} }),
  "DELETE /api/cloud/access-keys/{id}/": ({ keys }) => [
    { path: `/api/cloud/access-keys/${keys.mia?.accessKeyId}/`, who: [...admins, "mia"] },
  ],
  "GET /api/cloud/session/": open("/api/cloud/session/"),
  "POST /api/cloud/session/": open("/api/cloud/session/", { body: {}, who: [] }),
  "DELETE /api/cloud/session/": open("/api/cloud/session/", { safe: true }),
  "GET /api/cloud/logins/": open("/api/cloud/logins/"),
  "GET /api/cloud/sessions/": open("/api/cloud/sessions/"),
  "DELETE /api/cloud/sessions/{id}/": ({ id }) => [{ path: `/api/cloud/sessions/${id.bucket}/`, who: [] }],
  "POST /api/cloud/login-links/": () => [
    { path: "/api/cloud/login-links/", body: {}, safe: true },
    { path: "/api/cloud/login-links/", body: { principal: "mia" }, who: [...admins, "mia"], safe: true },
    { path: "/api/cloud/login-links/", body: { principal: "nobody-of-that-name" }, who: [] },
  ],
  "GET /profiles/v2/{username}/": () => [
    { path: "/profiles/v2/me" },
    { path: "/profiles/v2/mia", who: [...admins, "mia"] },
    { path: "/profiles/v2/newcomer", who: inApp },
    { path: "/profiles/v2/nobody-of-that-name", who: [] },
  ],
  "GET /notifications/v2/": ({ id }) => [
    { path: "/notifications/v2/", shows: ownNotices },
    { path: "/notifications/v2/?owner=mia" },
    { path: `/notifications/v2/?associatedUuid=${id.bucket}` },
  ],
  "POST /notifications/v2/": ({ file }) => [
    {
      path: "/notifications/v2/",
      body: { url: "a@b.example", event: "*", associatedUuid: file },
      who: seenBy.bucket,
    },
  ],
  "GET /notifications/v2/events/": open("/notifications/v2/events/"),
  "GET /notifications/v2/{uuid}/": noticeAction(() => "", { shows: () => [] }),
  "POST /notifications/v2/{uuid}/": noticeAction(() => "", { body: {} }),
  "PUT /notifications/v2/{uuid}/": noticeAction(() => "", { body: {} }),
  "PATCH /notifications/v2/{uuid}/": noticeAction(() => "", { body: {}, safe: true }),
  "DELETE /notifications/v2/{uuid}/": noticeAction(() => ""),
  "GET /notifications/v2/{uuid}/attempts/": noticeAction(() => "attempts/"),
  "POST /notifications/v2/{uuid}/attempts/": noticeAction(() => "attempts/", { body: {} }),
  "DELETE /notifications/v2/{uuid}/attempts/": noticeAction(() => "attempts/"),
  "GET /notifications/v2/{uuid}/attempts/{attempt}/": noticeAction(
    ({ delivery }, thing) => `attempts/${delivery[thing]}/`,
  ),
  "DELETE /notifications/v2/{uuid}/attempts/{attempt}/": noticeAction(
    ({ delivery }, thing) => `attempts/${delivery[thing]}/`,
  ),
};

function everybody(status: number): Probe["refused"] & object {
  const callers: readonly CallerName[] = [...admins, "operatorElsewhere", "developer", "foreigner"];
  return Object.fromEntries(callers.map((caller) => [caller, status]));
}
