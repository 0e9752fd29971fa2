import { Readable } from "node:stream";
import { Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import { deliveryStatuses } from "../../domain/delivery.ts";
import { faces } from "../../domain/event.ts";
import { invalidField, SignalboxError } from "../../errors.ts";
import { type LiveTopic, liveTopics } from "../../history/live/item.ts";
import { Live } from "../../history/live/live.ts";
import { webhookPayloads } from "../../history/live/payloads.ts";
import type { ApiContext } from "../http/api-context.ts";
import { type BytesAnswer, bytesAnswer } from "../http/bytes.ts";
import { type Route, route } from "../http/route.ts";
import { showItem } from "./live-schema.ts";

const text = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 256, description }));
const cursor = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 1_024, description }));

const query = Type.Object({
  topics: text(
    "Of `events`, `deliveries`, `invocations` and `redrives`, with commas between; by default all that one may follow.",
  ),
  face: Type.Optional(Type.Enum([...faces])),
  event: text("Name of the event, on the face that is named or on any."),
  bucket: text("By name: what happens in it."),
  resource: text("By uuid: what happens to it, and in it."),
  where: Type.Optional(
    Type.String({ minLength: 1, maxLength: 8_192, description: "A filter, of `face`; by default of that of objects." }),
  ),
  subscription: text("By uuid: its deliveries, and the invocations that they made."),
  status: Type.Optional(Type.Enum([...deliveryStatuses], { description: "Of deliveries." })),
  payload: Type.Optional(
    Type.Enum(["webhook"], {
      description:
        "Adds to each event what a webhook to `face` (by default that of objects) gets of it: `payload`, with an `id` and a `body` to be signed.",
    }),
  ),
  cursor: cursor(
    "Begins behind it: an `id` of the stream, or the `cursor` of a gap; `oldest`: with the oldest that is kept. `Last-Event-ID` counts before it.",
  ),
  until: cursor("Ends there: the `until` of a gap, or `now`."),
});

const description =
  "Server-sent events. `open` comes first; then, each with an `id`, `event`, `delivery`, `invocation` and `redrive`, whose data are as the lists show them: a delivery as it stood after each of its outcomes. " +
  "A filter narrows the topics that have what it asks for. Sight is that of the lists, judged again while the stream runs.\n\n" +
  "Who comes back with `Last-Event-ID`, or `cursor`, gets what came since, without a gap or a double, also from a server that was killed meanwhile: of events as long as they are kept, of the rest half a million items of all tenants. " +
  "A reader that takes less than happens gets one `gap` in the place of what was left out: `missed` says how much (`exact: false`: at the most), and `cursor` and `until` load it. " +
  "`beat` comes every 15 seconds of silence. `end` comes last, with a `code` and a `message`: `stopping` (the server; `retry` says when to come back), `done` (at `until`), or why one may follow no more.";

/** What happens, as it happens. */
export function liveRoutes(context: ApiContext): Route[] {
  const live = new Live(context, context.stopping);
  return [
    route({
      role: "member",
      tag: "live",
      method: "GET",
      path: "/api/cloud/live/",
      operationId: "follow",
      summary: "Streams what happens, as it happens",
      description,
      query,
      bytes: "events",
      message: "",
      data: bytesAnswer,
      handle: async ({ caller, query: asked, headers, method, still, signal }): Promise<BytesAnswer> => {
        const answer = { status: 200, headers: streamHeaders };
        if (method === "HEAD") return { ...answer, bytes: Readable.from([]) };
        if (caller.chain !== undefined) {
          throw new SignalboxError("forbidden", "functions cannot follow: they end, and a stream does not");
        }
        const { topics, cursor: given, until, payload, ...filter } = asked;
        const { face = "objects" } = filter;
        const payloadOf = payload === undefined ? undefined : webhookPayloads(context, caller, face);
        const showing = { store: context.store, ...defined({ payloadOf }) };
        const last = headers["last-event-id"];
        const bytes = await live.stream({
          caller,
          again: still,
          filter: { ...filter, ...defined({ topics: topics === undefined ? undefined : readTopics(topics) }) },
          cursor: typeof last === "string" && last !== "" ? last : given,
          until,
          show: (item) => showItem(showing, item),
          showing: payload === undefined ? "" : `${payload} ${face} ${caller.name}`,
          signal,
        });
        return { ...answer, bytes };
      },
    }),
  ];
}

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // Proxies that collect answers would hold back what happens.
  "x-accel-buffering": "no",
};

function readTopics(given: string): readonly LiveTopic[] {
  const topics = given.split(",").map((topic) => topic.trim());
  for (const topic of topics) {
    if (!(liveTopics as readonly string[]).includes(topic)) {
      throw invalidField("topics", `must be some of ${liveTopics.join(", ")}, with commas between`);
    }
  }
  return topics as LiveTopic[];
}
