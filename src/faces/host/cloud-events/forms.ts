import { type TSchema, Type } from "typebox";
import { fieldsText } from "../../../domain/path.ts";
import { type FieldError, invalidField, SignalboxError } from "../../../errors.ts";
import type { ReceivedEvent } from "../../../platform/host/receive.ts";
import { type RequestRow, rowsOf } from "../../../platform/registered/rows.ts";
import { named } from "../../http/named.ts";
import type { BodyForms } from "../../http/route.ts";
import { type JsonEvent, longestAttribute, longestUser, readCloudEvent } from "./attributes.ts";
import { attributeHeader, binaryEvent, isBinary } from "./binary.ts";

/** The three forms in which CloudEvents 1.0 come over HTTP. */

const structured = "application/cloudevents+json";
const batch = "application/cloudevents-batch+json";
/** Fields of which a refusal tells. */
const mostNamed = 100;
const mostTold = 10;

/** CloudEvents, in place of a body. */
export class CloudEvents {
  readonly form: "binary" | "structured" | "batch";
  readonly rows: readonly RequestRow<ReceivedEvent>[];

  constructor(form: CloudEvents["form"], rows: CloudEvents["rows"]) {
    this.form = form;
    this.rows = rows;
  }
}

const text = Type.String({ minLength: 1, maxLength: longestAttribute });
const cloudEvent: TSchema = named(
  "CloudEvent",
  Type.Object(
    {
      specversion: Type.Literal("1.0"),
      id: Type.String({
        minLength: 1,
        maxLength: longestAttribute,
        description: "With `source` unlike any other of the tenant: within a week it is published once.",
      }),
      source: Type.String({ minLength: 1, maxLength: longestAttribute, description: "A URI reference." }),
      type: Type.String({
        minLength: 1,
        maxLength: longestAttribute,
        description: "A lifecycle event type, or the name of an event of the kind of `subject`.",
      }),
      subject: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: longestAttribute,
          description: "Uuid of the resource that it is about.",
        }),
      ),
      user: Type.Optional(
        Type.String({ minLength: 1, maxLength: longestUser, description: "Name of whom it was done for." }),
      ),
      time: Type.Optional(text),
      datacontenttype: Type.Optional(Type.String({ description: "`application/json`." })),
      dataschema: Type.Optional(text),
      data: Type.Optional(Type.Object({}, { additionalProperties: true, description: "The event type's params." })),
    },
    { additionalProperties: true },
  ),
);

/** For routes that take them beside JSON of their own. */
export const cloudEventForms: BodyForms = {
  types: {
    [structured]: cloudEvent,
    [batch]: Type.Array(cloudEvent, { minItems: 1, maxItems: 1_000 }),
  },
  read: ({ headers, mediaType, body }) => {
    if (mediaType === batch) return new CloudEvents("batch", readBatch(body));
    if (mediaType === structured)
      return new CloudEvents("structured", [{ at: "", said: readCloudEvent(object(body), "") }]);
    if (!isBinary(headers)) return undefined;
    const said = readCloudEvent(binaryEvent(headers, body), "", attributeHeader);
    return new CloudEvents("binary", [{ at: "", said }]);
  },
};

function object(body: unknown): JsonEvent {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as JsonEvent;
  throw invalidField("body", `must be one event, a JSON object; many are sent as ${batch}`);
}

/** @throws SignalboxError with what is wrong with all of them. */
function readBatch(body: unknown): RequestRow<ReceivedEvent>[] {
  const wrong: FieldError[] = [];
  const rows = rowsOf<JsonEvent>("events", body).flatMap(({ at, said }) => {
    try {
      if (Array.isArray(said)) throw invalidField(at, "must be an object");
      return [{ at, said: readCloudEvent(said, at) }];
    } catch (thrown) {
      if (!(thrown instanceof SignalboxError)) throw thrown;
      wrong.push(...thrown.fields);
      return [];
    }
  });
  if (wrong.length === 0) return rows;
  const more = wrong.length - mostTold;
  const said = fieldsText(wrong.slice(0, mostTold)) + (more > 0 ? `; and ${more} more` : "");
  throw new SignalboxError("invalid_request", said, { fields: wrong.slice(0, mostNamed) });
}
