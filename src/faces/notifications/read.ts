import { isDeepStrictEqual } from "node:util";
import type { Batch } from "../../domain/batch.ts";
import type { EgressAllow } from "../../domain/egress.ts";
import { anyResource, parseUuid, type Uuid } from "../../domain/ids.ts";
import { subscribableNameForm } from "../../domain/notifications/known-kinds.ts";
import { type GivenTarget, targetOfUrl, urlRemedy } from "../../domain/notifications/target-of-url.ts";
import {
  defaultRequestedRetries,
  type RequestedRetries,
  readRequestedRetries,
} from "../../domain/requested-retries.ts";
import { isRecord } from "../../domain/schema/unions.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { invalidField } from "../../errors.ts";
import { retryOf, urlOf } from "../../subscriptions/facts.ts";
import type { RequestedFiring } from "../../subscriptions/fire.ts";
import type { OwnAddress } from "../../subscriptions/own-address.ts";
import { Problems } from "../../subscriptions/problems.ts";
import type { RequestedChange } from "../../subscriptions/request.ts";
import type { TargetInput } from "../../subscriptions/target-kinds/target-kinds.ts";
import { showBatch } from "../../subscriptions/target-kinds/webhook-batch.ts";
import { batchOf, readRequestedBatch } from "./batch.ts";
import { saidOf } from "./properties.ts";

/** What a subscriber asks for: the body of a create, a replace, or a change, read and given its defaults. */

interface NotificationRequest {
  /** `same`: that of the subscription as it is. */
  readonly target: GivenTarget | { readonly kind: "same" };
  /** Well-formed, or `*`. */
  readonly event: string;
  readonly scope: Uuid;
  /** Whether this request named the resource, and does not merely leave it as it is. */
  readonly named: boolean;
  readonly persistent: boolean;
  readonly retry: RequestedRetries;
  /** `null`: each event has a request of its own. `same`: as it is. */
  readonly batch: Batch | null | "same";
}

interface Reading {
  readonly egressAllow: EgressAllow;
  /** Of the caller. */
  readonly own: OwnAddress;
  /** What is to become another. */
  readonly before?: Subscription;
  /** Whether what is left out stays as it is, and does not get its default. */
  readonly merging?: boolean;
}

const known = ["url", "event", "associatedUuid", "persistent", "policy", "batch"] as const;
/** What answers show and only the server can say. */
const ignored = [
  "id",
  "owner",
  "created",
  "lastUpdated",
  "success",
  "responseCode",
  "attempts",
  "lastSent",
  "status",
  "confirmed",
  "signingSecret",
  "_links",
] as const;

/**
 * Names in any case of letters; booleans and numbers also as texts, as forms send them. A url that is the one shown leaves the target as
 * it is, with what of it is never shown, so that what was read can be sent back.
 *
 * @throws SignalboxError `invalid_request` with every field that is wrong.
 */
export function readNotificationRequest(body: unknown, reading: Reading): NotificationRequest {
  const { before, merging = false } = reading;
  const problems = new Problems();
  const said = saidOf(body, { known, ignored }, problems);
  const kept = merging ? before : undefined;
  const stays = (name: (typeof known)[number]): boolean => kept !== undefined && !said.has(name);
  const request: NotificationRequest = {
    target: stays("url")
      ? { kind: "same" }
      : problems.read<NotificationRequest["target"]>({ kind: "same" }, () => readUrl(said.get("url"), reading)),
    event:
      kept !== undefined && stays("event") ? kept.event : problems.read("*", () => readEventName(said.get("event"))),
    scope:
      kept !== undefined && stays("associatedUuid")
        ? kept.scope
        : problems.read(anyResource, () => readScope(said.get("associatedUuid"))),
    named: !stays("associatedUuid"),
    persistent:
      kept !== undefined && stays("persistent")
        ? kept.once === undefined
        : problems.read(false, () => readPersistent(said.get("persistent"))),
    retry: problems.read(defaultRequestedRetries, () => readRequestedRetries(policyOf(said.get("policy"), kept))),
    batch: said.has("batch")
      ? problems.read(null, () => readRequestedBatch(said.get("batch"), batchOf(kept)))
      : stays("batch")
        ? "same"
        : null,
  };
  problems.tell();
  checkBatch(request, before);
  return request;
}

function readUrl(url: unknown, { egressAllow, own, before }: Reading): NotificationRequest["target"] {
  if (before !== undefined && url === urlOf(before)) return { kind: "same" };
  const target = targetOfUrl(url, egressAllow);
  if (target.kind !== "own") return target;
  if (own.kind === "known") return { kind: "email", address: own.address };
  throw invalidField("url", `${own.why} ${urlRemedy}`);
}

/** Whether the resource has such an event is checked with the place. */
function readEventName(value: unknown): string {
  const remedy = "name an event, such as OVERWRITTEN, or * for all of the resource";
  if (value === undefined || value === null) throw invalidField("event", `is required: ${remedy}`);
  if (typeof value !== "string") throw invalidField("event", "must be a string");
  if (value === "") throw invalidField("event", `must not be empty: ${remedy}`);
  if (value !== "*" && !subscribableNameForm.test(value)) {
    throw invalidField("event", "must be *, or 1 to 65 of A–Z, a–z, 0–9 and _, beginning with a letter");
  }
  return value;
}

function readScope(value: unknown): Uuid {
  const remedy = "the uuid of a resource, such as 0001409758089943-5056a550b8-0001-002, or * for all";
  if (value === undefined || value === null || value === "")
    throw invalidField("associatedUuid", `is required: ${remedy}`);
  if (value === anyResource) return anyResource;
  const uuid = typeof value === "string" ? parseUuid(value) : undefined;
  if (uuid === undefined) throw invalidField("associatedUuid", `must be ${remedy}`);
  return uuid;
}

function readPersistent(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  const said = typeof value === "string" ? value.toLowerCase() : value;
  if (said === true || said === "true" || said === 1 || said === "1") return true;
  if (said === false || said === "false" || said === 0 || said === "0") return false;
  throw invalidField("persistent", "must be true or false");
}

/** With what a change leaves out of it as it is. */
function policyOf(said: unknown, kept: Subscription | undefined): unknown {
  if (kept === undefined) return said;
  const before = retryOf(kept);
  if (said === undefined) return before;
  if (!isRecord(said)) return said;
  const names = new Set(Object.keys(said).map((name) => name.toLowerCase().replace(/type$/, "")));
  const left = Object.entries(before).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(left), ...said };
}

/**
 * A request as the verbs take it.
 *
 * @param before the subscription that is changed: what another face made may be tried again in ways that no policy of this one says, and
 * stays so until something else is said.
 */
export function requestOf(
  { target, event, scope, named, persistent, retry, batch }: NotificationRequest,
  before?: Subscription,
): RequestedChange & { readonly event: string } {
  const stays = before !== undefined && target.kind === "same" && isDeepStrictEqual(retry, retryOf(before));
  return {
    event,
    ...(named ? { resource: scope } : {}),
    persistent,
    ...(target.kind === "same" ? changedBatch(batch, before) : { replacement: givenTarget(target, batch, before) }),
    ...(stays ? {} : { retry }),
  };
}

function givenTarget(
  target: GivenTarget,
  batch: NotificationRequest["batch"],
  before: Subscription | undefined,
): TargetInput {
  if (target.kind !== "webhook") return { kind: "email", address: target };
  const wanted = batch === "same" ? batchOf(before) : batch;
  return { kind: "webhook", url: target, ...(wanted ? { batch: showBatch(wanted) } : {}) };
}

/** Of a target that stays. */
function changedBatch(
  batch: NotificationRequest["batch"],
  before: Subscription | undefined,
): Pick<RequestedChange, "target"> {
  if (batch === "same" || isDeepStrictEqual(batch, batchOf(before) ?? null)) return {};
  return { target: { batch: batch === null ? null : showBatch(batch) } };
}

/** @throws SignalboxError about `batch` where no webhook of the subscription's own is sent to. */
function checkBatch({ target, batch }: NotificationRequest, before: Subscription | undefined): void {
  if (batch === null || batch === "same") return;
  const kind = target.kind === "same" ? before?.target.kind : target.kind;
  if (kind === "webhook") return;
  throw invalidField(
    "batch",
    kind === "destination"
      ? "is for its destination to say: leave it out, and change that"
      : "is for webhooks: leave it out, or give a url that begins with http:// or https://",
  );
}

const longestMessage = 65_536;
const firingKnown = ["event", "associatedUuid", "message"] as const;

/** What is to be sent now; absent where nothing was said. @throws SignalboxError `invalid_request` with every field that is wrong. */
export function readFiring(body: unknown): RequestedFiring {
  const problems = new Problems();
  const said = saidOf(body, { known: firingKnown, ignored: [] }, problems);
  const optional = <T>(name: (typeof firingKnown)[number], read: (value: unknown) => T): T | undefined => {
    const value = said.get(name);
    return value === undefined || value === null ? undefined : problems.read(undefined, () => read(value));
  };
  const firing = {
    event: optional("event", readOneEvent),
    associatedUuid: optional("associatedUuid", readScope),
    message: optional("message", readMessage),
  };
  problems.tell();
  return firing;
}

function readOneEvent(value: unknown): string {
  const event = readEventName(value);
  if (event === "*") throw invalidField("event", "must be the name of one event, not *");
  return event;
}

function readMessage(value: unknown): string {
  if (typeof value !== "string") throw invalidField("message", "must be a string");
  if (value.length > longestMessage) throw invalidField("message", `must have at most ${longestMessage} characters`);
  return value;
}
