import { type NamedSchema, referenceTo } from "./named-schemas.ts";
import { describedAs, instantText, record, sequence } from "./written.ts";

/** CloudEvents as webhooks get them in structured mode. In binary mode the body is `data` alone. */

const text = { type: "string" } as const;

/** @param data name of the schema of what the face sends in its own format. */
export function cloudEventSchema(name: string, face: string, data: string): NamedSchema {
  return describedAs(
    name,
    `What a webhook gets of ${face} in the format cloudevents; in cloudevents-binary the body is its data alone.`,
    record(
      {
        specversion: { const: "1.0" },
        id: { ...text, description: "Of the event: the same to every subscription." },
        source: text,
        type: { ...text, description: "The name of the event." },
        subject: text,
        time: instantText,
        datacontenttype: { const: "application/json" },
        sequence,
        tenant: text,
        delivery: { ...text, description: "webhook-id: the same on every attempt." },
        data: referenceTo(data),
      },
      { test: { const: true, description: "It only tries the receiver out." } },
    ),
  );
}
