import { Type } from "typebox";
import { type Batch, batchBounds, usualBatch } from "../../domain/batch.ts";
import { isRecord } from "../../domain/schema/unions.ts";
import { type Subscription, sendsToWebhook } from "../../domain/subscription.ts";
import { invalidField } from "../../errors.ts";
import { Problems } from "../../subscriptions/problems.ts";
import { named } from "../http/named.ts";
import { saidOf } from "./properties.ts";

/** Several events in one request, as this face writes it: the same as elsewhere, in its own spelling. */

const whole = (name: keyof typeof batchBounds, description: string) =>
  Type.Integer({
    minimum: batchBounds[name].least,
    maximum: batchBounds[name].most,
    default: usualBatch[name],
    description,
  });
const members = {
  maxEvents: whole("maxEvents", "In one request at the most."),
  maxWaitMs: whole("maxWaitMs", "For so long the first of a batch waits for others."),
  maxBytes: whole("maxBytes", "Of a body, before it is compressed; an event that is larger by itself goes alone."),
  splitOnFailure: Type.Boolean({
    default: usualBatch.splitOnFailure,
    description: "Whether the events of a batch that has failed twice are tried one by one from then on.",
  }),
};
const names = Object.keys(members) as readonly (keyof Batch)[];

export const requestedBatch = named(
  "NewNotificationBatch",
  Type.Partial(Type.Object(members), {
    description: "Of a webhook: several events in one request. Absent: each has its own.",
  }),
);
export const notificationBatch = named("NotificationBatch", Type.Object(members));

/** Of a subscription to a webhook of its own. */
export function batchOf(subscription: Subscription | undefined): Batch | undefined {
  return subscription !== undefined && sendsToWebhook(subscription) ? subscription.target.batch : undefined;
}

/**
 * The `batch` of a request; what it leaves out is as in `kept`, or by default. `null`: none. Names in any case; numbers and
 * booleans also as texts, as forms send them.
 *
 * @throws SignalboxError `invalid_request` with every field that is wrong (`batch.maxEvents`).
 */
export function readRequestedBatch(input: unknown, kept: Batch | undefined): Batch | null {
  if (input === null) return null;
  if (!isRecord(input)) throw invalidField("batch", 'must be an object, such as {"maxEvents": 100}');
  const problems = new Problems();
  const said = saidOf(input, { known: names, ignored: [], path: "batch." }, problems);
  const usual = { ...usualBatch, ...kept };
  const number = (name: keyof typeof batchBounds): number =>
    problems.read(usual[name], () => readWhole(name, said.get(name), usual[name]));
  const batch = {
    maxEvents: number("maxEvents"),
    maxWaitMs: number("maxWaitMs"),
    maxBytes: number("maxBytes"),
    splitOnFailure: problems.read(true, () => readFlag(said.get("splitOnFailure"), usual.splitOnFailure)),
  };
  problems.tell();
  return batch;
}

function readWhole(name: keyof typeof batchBounds, value: unknown, usual: number): number {
  if (value === undefined) return usual;
  const { least, most } = batchBounds[name];
  const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) return number + 0;
  throw invalidField(`batch.${name}`, `must be a whole number from ${least} to ${most}`);
}

function readFlag(value: unknown, usual: boolean): boolean {
  if (value === undefined) return usual;
  const said = typeof value === "string" ? value.toLowerCase() : value;
  if (said === true || said === "true") return true;
  if (said === false || said === "false") return false;
  throw invalidField("batch.splitOnFailure", "must be true or false");
}
