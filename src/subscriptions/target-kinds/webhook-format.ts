import { type Static, type TObject, Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import type { WebhookTarget } from "../../domain/subscription.ts";
import { type WebhookFormat, webhookFormats } from "../../domain/webhook-format.ts";
import { invalidField } from "../../errors.ts";
import type { Place } from "../place.ts";
import { orNull, type Unsaid } from "./target-kind.ts";
import { type BatchInput, batchOption, readBatch, showBatch, shownBatch } from "./webhook-batch.ts";

/** In which format, and how packed, a webhook's events leave: the same options on every face. */

export interface FormatInput {
  readonly format?: WebhookFormat | null;
  readonly compression?: "gzip" | null;
  readonly handshake?: boolean;
  readonly batch?: BatchInput | null;
}

/** By the name that each has here, the one that it has in bodies. */
export const formatMembers = {
  format: "format",
  compression: "compression",
  handshake: "handshake",
  batch: "batch",
} as const satisfies Readonly<Record<keyof FormatInput, string>>;

/** Of a target that is made or changed. */
export const formatOptions = {
  format: Type.Optional(
    orNull(
      Type.Enum([...webhookFormats], {
        description:
          "What is sent: the documented payload (`signalbox`, the default), S3 event records (`s3`, objects face only), or CloudEvents 1.0 in structured or binary mode.",
      }),
    ),
  ),
  compression: Type.Optional(
    orNull(
      Type.Enum(["gzip"], {
        description: "How bodies are compressed. The signature is over what is sent. Default: not.",
      }),
    ),
  ),
  handshake: Type.Optional(
    Type.Boolean({
      description:
        "Whether the receiver has to agree before anything is posted, by the handshake of CloudEvents' web hooks; it may say how fast. Default false.",
    }),
  ),
  batch: Type.Optional(orNull(batchOption)),
};

/** Of one that is shown. */
export const shownFormat = {
  format: Type.Enum([...webhookFormats]),
  compression: orNull(Type.Enum(["gzip"])),
  handshake: Type.Boolean(),
  batch: orNull(shownBatch),
};

/** As {@link shownFormat} says. */
export function showFormat({
  sentAs,
  compression,
  handshake,
  batch,
}: WebhookTarget): Static<TObject<typeof shownFormat>> {
  return {
    format: sentAs ?? "signalbox",
    compression: compression ?? null,
    handshake: handshake === true,
    batch: batch === undefined ? null : showBatch(batch),
  };
}

type KeptFormat = Pick<WebhookTarget, "sentAs" | "compression" | "handshake" | "batch">;

/**
 * What was said, with what stays of the target as it was.
 *
 * @param before of the target; none of it when it is new.
 * @param url and the fields of the payload, as they will be.
 * @throws SignalboxError `invalid_request` naming the field and the remedy.
 */
export function readFormat(
  { face }: Pick<Place, "face">,
  said: Unsaid<FormatInput>,
  { before = {}, url, fields }: { readonly before?: KeptFormat } & Pick<WebhookTarget, "url" | "fields">,
): KeptFormat {
  const format = said.format === undefined ? (before.sentAs ?? "signalbox") : (said.format ?? "signalbox");
  const compression = said.compression === undefined ? before.compression : (said.compression ?? undefined);
  if (format === "s3" && face !== "objects") {
    throw invalidField(
      "format",
      "is s3 for the objects face only: choose signalbox, cloudevents or cloudevents-binary",
    );
  }
  if (format === "s3" && fields.length > 0) {
    throw invalidField("fields", "are not for the format s3, whose records have fields of their own: leave them out");
  }
  const handshake = (said.handshake ?? before.handshake) === true;
  if (handshake && url.includes("${")) {
    throw invalidField(
      "handshake",
      "is for a url without macros, as its receiver agrees to one url: leave one of them out",
    );
  }
  const batch = readBatch(said.batch, before.batch);
  if (batch !== undefined && format === "cloudevents-binary") {
    throw invalidField(
      "batch",
      "is not for the format cloudevents-binary, which has room for one event: choose cloudevents, or leave batch out",
    );
  }
  if (batch !== undefined && url.includes("${")) {
    throw invalidField("batch", "is for a url without macros, as its events go to one url: leave one of them out");
  }
  const kept = defined({ sentAs: format === "signalbox" ? undefined : format, compression, batch });
  return { ...kept, ...(handshake ? { handshake } : {}) };
}
