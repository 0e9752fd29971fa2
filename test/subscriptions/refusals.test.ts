/**
 * One way in, four faces: the same mistakes made through every route that makes or changes subscriptions, and what each face's document
 * says of them, in its own status, code and words.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ApiOptions, type TestApi, testApi } from "../support/api.ts";
import { makeApp, makeFunction } from "../support/functions.ts";
import { shared } from "../support/shared.ts";
import table from "./refusals.json" with { type: "json" };

const places = {
  rules: "/api/cloud/buckets/photos/notifications/",
  lifecycle: "/api/cloud/events/POST_USER_CREATE/",
  notifications: "/notifications/v2/",
  api: "/api/cloud/subscriptions/",
} as const;
type FaceName = keyof typeof places;

interface Scene extends AsyncDisposable {
  readonly api: TestApi;
  readonly developer: string;
  readonly fn: number;
  readonly bucket: string;
  /** By face, where one of its subscriptions is. */
  readonly made: Readonly<Record<FaceName, string>>;
}

const url = "https://receiver.example/hook";
const hookPath = "/api/cloud/events/PRE_USER_CREATE/subscribe/";

async function scene(options: ApiOptions = {}): Promise<Scene> {
  const api = await testApi(options);
  const { uuid: bucket } = await api.bucket("photos", "dora");
  const developer = await api.tokenOf("developer", "dora");
  await makeApp(api);
  const { id: fn } = await makeFunction(api);
  const { id: other } = await makeFunction(api, { name: "Other" });
  const one = async (path: string, body: object, member: string) => {
    const answer = await asked(api, developer, ["POST", path, body]);
    const { data, result } = answer.body as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    return String((data ?? result)?.[member]);
  };
  const made = {
    rules: `${places.rules}${await one(places.rules, { url }, "id")}/`,
    lifecycle: `${places.lifecycle}subscribers/${await one(`${places.lifecycle}subscribe/`, { function_id: other }, "id")}/`,
    notifications: `${places.notifications}${await one(places.notifications, { url, event: "*", associatedUuid: bucket }, "id")}/`,
    api: `${places.api}${await one(places.api, { event: "*", bucket: "photos", target: { type: "webhook", url } }, "id")}/`,
  };
  return { api, developer, fn, bucket, made, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

type Call = readonly [method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: object];

async function asked(api: TestApi, token: string, [method, path, body]: Call) {
  const { statusCode, body: text } = await api.app.inject({
    method,
    url: path,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: statusCode, body: JSON.parse(text) as Readonly<Record<string, unknown>> };
}

/** Status, code and sentence of an answer; the fields that it names are those that its sentence begins with. */
async function refusal(api: TestApi, token: string, call: Call): Promise<string> {
  const { status, body } = await asked(api, token, call);
  const { code, message, success, fields, data, result } = body;
  const isFailure = call[1].startsWith(places.notifications) ? body["status"] === "error" : success === false;
  const isBare = (data ?? result ?? null) === null || code === "invalid_filter";
  assert.ok(isFailure && isBare, `${JSON.stringify(call)}: ${JSON.stringify(body)}`);
  const named = ((fields ?? []) as readonly { readonly path: string }[]).map(({ path }) => path);
  const sentence = String(message).replace(/\b(There are|Its events are|the fields are) .*/, "$1 …");
  return `${status} ${String(code)} [${named.join()}] ${sentence.replace(/[0-9a-f-]{36}-\d{3}/g, "UUID")}`;
}

/** A body of each face that is right but for `wrong`. */
function making(face: FaceName, { fn, bucket }: Scene, wrong: Wrong): Call {
  const { url: to = url, ...rest } = wrong;
  switch (face) {
    case "rules":
      return ["POST", places.rules, { url: to, ...rest }];
    case "lifecycle":
      return ["POST", `${places.lifecycle}subscribe/`, { function_id: fn, ...rest }];
    case "notifications":
      return ["POST", places.notifications, { url: to, event: "*", associatedUuid: bucket, ...rest }];
    case "api":
      return [
        "POST",
        places.api,
        { event: "*", bucket: "photos", ...rest, target: { type: "webhook", url: to, ...Object(rest["target"]) } },
      ];
    default:
      return face satisfies never;
  }
}

function changing(face: FaceName, { made }: Scene, wrong: Wrong): Call {
  const { url: to, ...rest } = wrong;
  const target = { ...(to === undefined ? {} : { url: to }), ...Object(rest["target"]) };
  if (face === "api") return ["PATCH", made.api, { ...rest, ...(Object.keys(target).length === 0 ? {} : { target }) }];
  return ["PATCH", made[face], wrong];
}

type Wrong = Readonly<Record<string, unknown>>;
type Told = readonly [face: FaceName, wrong: Wrong, made: string, changed?: string];

/** What is wrong, as each face writes it, and what it says when that is made, and when something is changed to it. */
const mistakes = table as unknown as Readonly<Record<string, readonly Told[]>>;

describe("what is wrong with a subscription is said in the words of its face", () => {
  const server = shared(scene);
  for (const [what, told] of Object.entries(mistakes)) {
    it(what, async () => {
      const { api, developer } = server();
      for (const [face, wrong, said, changed = said] of told) {
        const answers: string[] = [];
        for (const call of [making, changing]) answers.push(await refusal(api, developer, call(face, server(), wrong)));
        assert.deepEqual(answers, [said, changed], face);
      }
    });
  }
});

/** What is asked for, and what each face says. */
type Asking = (face: FaceName, scene: Scene) => Call | undefined;
const unknown = "01890000-0000-7000-8000-000000000000-011";
const states: Readonly<Record<string, readonly [Asking, Readonly<Partial<Record<FaceName, string>>>]>> = {
  "one that is not there": [
    (face) => ["PATCH", face === "lifecycle" ? `${places.lifecycle}subscribers/99/` : `${places[face]}${unknown}/`, {}],
    {
      rules: "404 not_found [] rule 'UUID' does not exist",
      lifecycle: "404 not_found [] subscriber '99' of event 'POST_USER_CREATE' does not exist",
      notifications: "404 not_found [] a subscription with that uuid does not exist",
      api: "404 not_found [] subscription 'UUID' does not exist",
    },
  ],
  "one of another face": [
    (face, { made }) => {
      const uuid = made[face === "notifications" ? "rules" : "notifications"].split("/").at(-2) ?? "";
      if (face === "api") return undefined;
      return [
        "PATCH",
        face === "lifecycle" ? `${places.lifecycle}subscribers/${uuid}/` : `${places[face]}${uuid}/`,
        {},
      ];
    },
    {
      rules: "404 not_found [] rule 'UUID' does not exist",
      lifecycle: "404 not_found [] subscriber 'UUID' of event 'POST_USER_CREATE' does not exist",
      notifications: "404 not_found [] a subscription with that uuid does not exist",
    },
  ],
  "what lies where the caller sees nothing": [
    (face, { fn }) => {
      if (face === "rules") return ["POST", "/api/cloud/buckets/nowhere/notifications/", { url }];
      if (face === "lifecycle") return ["POST", `${places.lifecycle}subscribe/`, { function_id: fn + 100 }];
      if (face === "notifications") return ["POST", places.notifications, { url, event: "*", associatedUuid: unknown }];
      return ["POST", places.api, { event: "*", bucket: "nowhere", target: { type: "webhook", url } }];
    },
    {
      rules: "404 not_found [] a bucket 'nowhere' whose rules you may manage does not exist",
      lifecycle: "400 invalid_request [] Function with id 101 does not exist",
      notifications: "404 not_found [] a resource with that uuid does not exist",
      api: "404 not_found [] a bucket 'nowhere' whose rules you may manage does not exist",
    },
  ],
  "an event type that is none": [
    (face, { fn, bucket }) => {
      if (face === "lifecycle") return ["POST", "/api/cloud/events/EXPLODED/subscribe/", { function_id: fn }];
      if (face === "notifications")
        return ["POST", places.notifications, { url, event: "EXPLODED", associatedUuid: bucket }];
      if (face === "api")
        return ["POST", places.api, { event: "EXPLODED", face: "lifecycle", target: { type: "webhook", url } }];
      return undefined;
    },
    {
      lifecycle:
        "400 invalid_request [] Invalid event type 'EXPLODED'. Must be one of: PRE_USER_CREATE, POST_USER_CREATE, PRE_USER_UPDATE, POST_USER_UPDATE, PRE_USER_DELETE, POST_USER_DELETE, USER_CREATE_ABORTED, PRE_OBJECT_PUT, POST_OBJECT_PUT, PRE_OBJECT_DELETE, POST_OBJECT_DELETE",
      notifications:
        '400 invalid_request [event] event: "EXPLODED" is no event of a resource of kind bucket. Its events are …',
      api: "400 invalid_request [event] event: is no event type. There are …",
    },
  ],
  "everything, for one who is no admin": [
    (face) => {
      if (face === "notifications") return ["POST", places.notifications, { url, event: "*", associatedUuid: "*" }];
      if (face === "api") return ["POST", places.api, { event: "*", resource: "*", target: { type: "webhook", url } }];
      return undefined;
    },
    {
      notifications:
        "403 forbidden [] associatedUuid: only admins may subscribe to all resources (*): name one that you see",
      api: "403 forbidden [] watching all resources needs the role admin; yours is developer",
    },
  ],
  "what a hook has no use for": [
    (face, { fn }) => {
      if (face === "lifecycle") return ["POST", hookPath, { function_id: fn, max_retries: 1 }];
      if (face === "api")
        return [
          "POST",
          places.api,
          { event: "PRE_USER_CREATE", max_retries: 1, target: { type: "function", function_id: fn } },
        ];
      return undefined;
    },
    {
      lifecycle:
        "400 invalid_request [max_retries] max_retries: is not for this event: 'PRE_USER_CREATE' comes before an operation, which waits: a hook is not tried again",
      api: "400 invalid_request [max_retries] max_retries: is not for PRE_USER_CREATE: the operation waits, so a hook is not tried again",
    },
  ],
  "a pace for a hook": [
    (face, { fn }) => {
      if (face === "lifecycle") return ["POST", hookPath, { function_id: fn, ordered: true }];
      if (face === "api")
        return [
          "POST",
          places.api,
          { event: "PRE_USER_CREATE", ordered: true, target: { type: "function", function_id: fn } },
        ];
      return undefined;
    },
    {
      lifecycle:
        "400 invalid_request [ordered] ordered: is not for this event: 'PRE_USER_CREATE' comes before an operation, which waits: a hook is asked at once",
      api: "400 invalid_request [ordered] ordered: is not for PRE_USER_CREATE: the operation waits, so a hook is asked at once",
    },
  ],
  "what only a hook has a use for": [
    (face, { fn }) => {
      if (face === "lifecycle") return ["POST", `${places.lifecycle}subscribe/`, { function_id: fn, stage: "prepare" }];
      if (face === "api")
        return [
          "POST",
          places.api,
          { event: "POST_USER_CREATE", target: { type: "function", function_id: fn, stage: "prepare" } },
        ];
      return undefined;
    },
    {
      lifecycle:
        "400 invalid_request [stage] stage: is not for this event: 'POST_USER_CREATE' comes after its operation, which does not wait for it",
      api: "400 invalid_request [target.stage] target.stage: is for PRE events: after the operation there is nothing to decide",
    },
  ],
  "a function that is subscribed already": [
    (face, { fn }) => {
      const target = { type: "function", function_id: fn + 1 };
      if (face === "lifecycle") return ["POST", `${places.lifecycle}subscribe/`, { function_id: fn + 1 }];
      return face === "api" ? ["POST", places.api, { event: "POST_USER_CREATE", target }] : undefined;
    },
    {
      lifecycle: "400 invalid_request [] Function 2 is already subscribed to event 'POST_USER_CREATE'",
      api: "409 conflict [] function 2 is subscribed to POST_USER_CREATE already; change or delete that subscription",
    },
  ],
  "a function that is not subscribed": [
    (face, { fn }) =>
      face === "lifecycle" ? ["POST", `${places.lifecycle}unsubscribe/`, { function_id: fn }] : undefined,
    { lifecycle: "404 not_found [] Function 1 was not subscribed to event 'POST_USER_CREATE'" },
  ],
  "firing what only admins may say": [
    (face, { made }) =>
      face === "notifications" ? ["POST", `${made.notifications}attempts/`, { event: "EXPLODED" }] : undefined,
    { notifications: "403 forbidden [] event: only admins may choose what is sent: leave it out" },
  ],
  "another place": [
    (face, { made }) => (face === "api" ? ["PATCH", made.api, { event: "OBJECT_DELETED" }] : undefined),
    { api: '400 invalid_request [event] event: stays "*": make another subscription' },
  ],
  "going on, of one that is not paused": [
    (face, { made }) => (face === "rules" || face === "api" ? ["POST", `${made[face]}resume/`] : undefined),
    { rules: "409 conflict [] rule 'UUID' is not paused", api: "409 conflict [] subscription 'UUID' is not paused" },
  ],
};

describe("what cannot be is said in the words of the face", () => {
  const server = shared(scene);
  for (const [what, [asking, said]] of Object.entries(states)) {
    it(what, async () => {
      const { api, developer } = server();
      const answers: Partial<Record<FaceName, string>> = {};
      for (const face of Object.keys(places) as FaceName[]) {
        const call = asking(face, server());
        if (call !== undefined) answers[face] = await refusal(api, developer, call);
      }
      assert.deepEqual(answers, said);
    });
  }
});

describe("one too many is refused", () => {
  const limits = { maxRulesPerBucket: 2, maxSubscriptionsPerUser: 4, maxFunctionsPerEvent: 2, maxHooksPerEvent: 1 };
  const most: Readonly<Record<FaceName, string>> = {
    rules:
      "409 conflict [] bucket 'photos' has 2 rules and may have no more (SIGNALBOX_MAX_RULES_PER_BUCKET); delete one",
    lifecycle:
      "409 conflict [] event 'POST_USER_CREATE' has 2 subscribers and may have no more (SIGNALBOX_MAX_FUNCTIONS_PER_EVENT); unsubscribe one",
    notifications:
      "409 conflict [] 'dora' has 4 subscriptions and may have no more (SIGNALBOX_MAX_SUBSCRIPTIONS_PER_USER); delete one",
    api: "409 conflict [] the bucket has 2 rules and may have no more (SIGNALBOX_MAX_RULES_PER_BUCKET); delete one",
  };
  for (const face of Object.keys(places) as FaceName[]) {
    it(face, async () => {
      await using made = await scene(limits);
      const { api, developer } = made;
      let said: string | undefined;
      for (let tries = 0; said === undefined; tries += 1) {
        assert.ok(tries < 4, "as many as one likes");
        const wrong = face === "lifecycle" ? { function_id: (await makeFunction(api, { name: `F${tries}` })).id } : {};
        const call = making(face, made, wrong);
        const { status } = await asked(api, developer, call);
        if (status >= 400) said = await refusal(api, developer, call);
      }
      assert.equal(said, most[face]);
    });
  }
});
