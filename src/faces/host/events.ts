import { type Static, Type } from "typebox";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { judgeHost } from "../../platform/access/host-tokens.ts";
import type { Published, PublishResult } from "../../platform/host/answer.ts";
import type { PostEvent } from "../../platform/host/publish.ts";
import type { Received } from "../../platform/host/receive.ts";
import { rowsOf } from "../../platform/registered/rows.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import { PublishedEvent } from "../library/event.ts";
import { CloudEvents, cloudEventForms } from "./cloud-events/forms.ts";
import { publishCloudEvents } from "./cloud-events/publish.ts";
import type { HostContext } from "./context.ts";

/** Publishing events: what `EventService.publishEvent` does for programs that run Signalbox inside themselves. */

export const task = named(
  "StartedTask",
  Type.Object({
    function_id: Type.Integer(),
    function_name: Type.String(),
    task_id: Type.String({ description: "For `GET /host/v1/tasks/{task_id}`." }),
    invocation_id: Type.Integer(),
  }),
);

const published = Type.Object({
  status: Type.Literal("success"),
  message: Type.String(),
  data: Type.Object({
    event: Type.String(),
    task_ids: Type.Array(task),
    total_subscribers: Type.Integer(),
    duplicate: Type.Optional(
      Type.Literal(true, {
        description: "Of a CloudEvent: it was published before, within a week, and nothing was done now.",
      }),
    ),
  }),
});

const failed = Type.Object({
  status: Type.Literal("error"),
  code: Type.Literal("EXECUTION_ERROR"),
  message: Type.String(),
  data: Type.Object({
    function_id: Type.Union([Type.Integer(), Type.Null()]),
    function_name: Type.Union([Type.String(), Type.Null()]),
    status: Type.Literal("error"),
    task_id: Type.Null(),
  }),
});

/** Whom something is done for, of every route that does something for a user of the platform. */
export const userField = Type.Union(
  [Type.String({ minLength: 1, maxLength: 256 }), Type.Object({}, { additionalProperties: true })],
  {
    description:
      "Whom it is done for: a name, or an object with at least a `username` or `name`, which functions get as `event.user`.",
    "x-remedy": "must be a name of 1 to 256 characters, or an object with a username or name",
  },
);

export const appField = Type.String({
  description: "Slug of the only app whose functions take part. Unset: those of the whole tenant.",
});

export const resourceField = Type.String({
  description:
    "Uuid of the resource that it is about. Unset: `params.uuid` if that has the form of one, else a new one.",
});

const newEvent = Type.Object(
  {
    event_type: Type.String({ description: "Such as `POST_USER_CREATE`." }),
    params: Type.Object(
      {},
      { additionalProperties: true, description: "At most 256 KiB and 32 levels; fits the event type." },
    ),
    user: Type.Optional(userField),
    app: Type.Optional(appField),
    resource: Type.Optional(resourceField),
  },
  { additionalProperties: false },
);

function shown(result: PublishResult): Static<typeof published> | Static<typeof failed> {
  if (result.status === "error") return result;
  return { ...result, data: shownData(result) };
}

const newEvents = Type.Object(
  {
    events: Type.Array(newEvent, {
      minItems: 1,
      maxItems: 1_000,
      description: "Of POST types, published in one commit and in this order: all of them, or none.",
    }),
  },
  { additionalProperties: false, "x-told-by": "events" },
);

const manyPublished = Type.Object({
  status: Type.Literal("success"),
  message: Type.String(),
  data: Type.Object({
    results: Type.Array(published.properties.data, {
      description:
        "One for each event, in their order. Of 10,000 functions together each is told in `task_ids`; of events after that `total_subscribers` only.",
    }),
  }),
});

function shownData({ data }: Published): Static<typeof published>["data"] {
  return { ...data, task_ids: [...data.task_ids] };
}

function shownReceived({ data, duplicate }: Received): Static<typeof published>["data"] {
  return { ...data, task_ids: [...data.task_ids], ...(duplicate ? { duplicate: true } : {}) };
}

function shownMany(results: Static<typeof manyPublished>["data"]["results"]): Static<typeof manyPublished> {
  const fresh = results.filter(({ duplicate }) => duplicate !== true).length;
  const said = (count: number): string => (count === 1 ? "1 event" : `${count.toLocaleString("en")} events`);
  const more = fresh === results.length ? "" : `, and ${said(results.length - fresh)} before`;
  return { status: "success", message: `${said(fresh)} published successfully${more}`, data: { results } };
}

async function answerCloudEvents(
  context: HostEvents,
  caller: Principal,
  events: CloudEvents,
): Promise<Static<typeof published> | Static<typeof failed> | Static<typeof manyPublished>> {
  const done = await publishCloudEvents(context, caller, events);
  if ("status" in done) return shown(done);
  const [first] = done;
  if (events.form === "batch" || first === undefined) return shownMany(done.map(shownReceived));
  const message = first.duplicate ? "Event was published before" : first.message;
  return { status: "success", message, data: shownReceived(first) };
}

type HostEvents = Pick<HostContext, "library" | "catalog">;

export function hostEventRoutes(context: HostEvents): Route[] {
  const { library } = context;
  return [
    route({
      method: "POST",
      path: "/host/v1/events/",
      role: "host",
      tag: "events",
      operationId: "publishEvents",
      summary: "Publishes an event, or many, and tells which functions they gave rise to",
      description:
        "Of a POST event: answered when it is durable. Of a PRE event: answered when its hooks have been started; wait for each with `GET /host/v1/tasks/{task_id}`. When a function of a PRE event cannot be started, `status` is `error`. CloudEvents 1.0 are taken in the binary form too: headers `ce-…`, and the data as `application/json`.",
      idempotent: true,
      body: Type.Union([newEvents, newEvent]),
      forms: cloudEventForms,
      message: "Event published successfully",
      verbatim: true,
      data: Type.Union([published, failed, manyPublished]),
      handle: async ({ caller, body, rememberOutcome: also }) => {
        if (body instanceof CloudEvents) return answerCloudEvents(context, caller, body);
        if ("events" in body) {
          const types = new Set(body.events.map(({ event_type }) => event_type));
          for (const eventType of types) judgeHost(caller, { eventType });
          const rows = rowsOf<PostEvent>("events", body.events);
          return shownMany((await library.publishAll({ tenant: caller.tenant, rows, also })).map(shownData));
        }
        const { event_type, params, user, app, resource } = body;
        const event = new PublishedEvent({ event_type, params });
        judgeHost(caller, { eventType: event.event_type });
        const options = defined({ user, app, resource });
        return shown(await library.publishEvent({ tenant: caller.tenant, event, options, also }));
      },
      answerOf: async ({ caller, body }, outcome) => {
        const before = await library.publishedBefore(caller.tenant, outcome);
        const [first] = before;
        return "events" in body || first === undefined ? shownMany(before.map(shownData)) : shown(first);
      },
    }),
  ];
}
