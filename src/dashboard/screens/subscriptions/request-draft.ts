import type { CreateRuleRequest, Rule } from "../../../client/operations.ts";
import type { EditedPart } from "../../parts/conflict.tsx";
import { type BatchDraft, batchChanges, batchDraft, batchText, newBatch, usualBatchDraft } from "./batch-draft.ts";

/** What a webhook's request holds beside the documented payload, as it is typed, and what is sent of it. */
export interface PostedDraft {
  /** `Name: value`, one a line; {@link keptValue} for one that was given before. */
  readonly headers: string;
  /** Of the objects face, in the order in which they are written. */
  readonly fields: readonly PayloadField[];
  readonly format: Format;
  readonly compression: "none" | "gzip";
  /** Whether the receiver has to agree first. */
  readonly handshake: boolean;
  readonly batch: BatchDraft;
}

/** The same, and what is kept of its answer. */
export interface RequestDraft extends PostedDraft {
  readonly capture: "failures" | "all";
}

type Format = NonNullable<CreateRuleRequest["format"]>;

/** As people read them. */
export const formatTexts: Readonly<Record<Format, string>> = {
  signalbox: "as documented",
  s3: "S3 event records",
  cloudevents: "CloudEvents, structured",
  "cloudevents-binary": "CloudEvents, binary",
};

type PayloadField = NonNullable<NonNullable<CreateRuleRequest["fields"]>[number]>;

export const payloadFields: readonly PayloadField[] = [
  "eventId",
  "sequence",
  "lastModified",
  "contentType",
  "reason",
  "userMetadata",
  "principal",
];

export const usualRequest: RequestDraft = {
  headers: "",
  fields: [],
  capture: "failures",
  format: "signalbox",
  compression: "none",
  handshake: false,
  batch: usualBatchDraft,
};

/** Stands for a value that stays as it is: values are never shown again. */
export const keptValue = "••••••";

interface Shown {
  /** Names. */
  readonly headers: readonly string[];
  readonly fields: readonly string[];
  readonly format: Format;
  readonly compression: "gzip" | null;
  readonly handshake: boolean;
  readonly batch: Rule["batch"];
}

export function requestDraft({ headers, fields, format, compression, handshake, batch }: Shown): PostedDraft {
  return {
    headers: headers.map((name) => `${name}: ${keptValue}`).join("\n"),
    fields: payloadFieldsOf(fields),
    format,
    compression: compression ?? "none",
    handshake,
    batch: batchDraft(batch),
  };
}

function payloadFieldsOf(names: readonly string[]): readonly PayloadField[] {
  return names.flatMap((name) => payloadFields.filter((field) => field === name));
}

/** By name, in the case that they are kept in; of a line without a colon the name is all of it, which the server refuses. */
function headersIn(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return new Map(
    lines.map((line) => {
      const [name = "", ...value] = line.split(":");
      return [name.trim().toLowerCase(), value.join(":").trim()];
    }),
  );
}

/** Of a new one. */
export function newRequest({ headers, fields, format, compression, handshake, batch }: PostedDraft) {
  const named = headersIn(headers);
  return {
    ...(named.size === 0 ? {} : { headers: Object.fromEntries(named) }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(format === "signalbox" ? {} : { format }),
    ...(compression === "none" ? {} : { compression }),
    ...(handshake ? { handshake } : {}),
    ...newBatch(batch),
  };
}

/** Only what differs from what was opened; `null` takes a header away. */
export function requestChanges(draft: PostedDraft, opened: PostedDraft) {
  const headers = headerChanges(headersIn(draft.headers), headersIn(opened.headers));
  return {
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(draft.fields.join() === opened.fields.join() ? {} : { fields: draft.fields }),
    ...(draft.format === opened.format ? {} : { format: draft.format }),
    ...(draft.compression === opened.compression
      ? {}
      : { compression: draft.compression === "none" ? null : draft.compression }),
    ...(draft.handshake === opened.handshake ? {} : { handshake: draft.handshake }),
    ...batchChanges(draft.batch, opened.batch),
  };
}

function headerChanges(
  headers: ReadonlyMap<string, string>,
  opened: ReadonlyMap<string, string>,
): Readonly<Record<string, string | null>> {
  const gone = [...opened.keys()].filter((name) => !headers.has(name)).map((name) => [name, null] as const);
  const set = [...headers].filter(([name, value]) => value !== keptValue || !opened.has(name));
  return Object.fromEntries([...gone, ...set]);
}

/** The same headers without their values, which may be secret. */
export function maskedHeaders(text: string): string {
  return [...headersIn(text)].map(([name, value]) => `${name}: ${value === keptValue ? keptValue : "…"}`).join("\n");
}

/** As people read them; values of headers are not among what is shown. */
export function requestParts({
  headers,
  fields,
  format,
  compression,
  handshake,
  batch,
}: PostedDraft): readonly EditedPart[] {
  return [
    ["Headers", maskedHeaders(headers)],
    ["Also in the payload", fields.join(", ")],
    ["Format", formatTexts[format]],
    ["Compression", compression],
    ["The receiver has to agree first", handshake ? "yes" : "no"],
    ["Events in a request", batchText(batch)],
  ];
}

export function capturePart({ capture }: RequestDraft): EditedPart {
  return ["What came back is kept", capture === "all" ? "of every attempt" : "of failures"];
}
