import type { EgressAllow } from "../../domain/egress.ts";
import { anyResource, parseUuid, type Uuid } from "../../domain/ids.ts";
import { heardNameForm } from "../../domain/notifications/known-kinds.ts";
import { type GivenTarget, targetOfUrl, urlRemedy } from "../../domain/notifications/target-of-url.ts";
import { defaultRetryWish, type RetryWish, readRetryWish } from "../../domain/retry-wish.ts";
import { isRecord } from "../../domain/schema/unions.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { invalidField } from "../../errors.ts";
import type { OwnAddress } from "../own-address.ts";
import { retryOf, urlOf } from "./facts.ts";
import { Problems } from "./problems.ts";
import { saidOf } from "./properties.ts";

/** What somebody wants to be told of, and where: the body of a create, a replace, or a change, read and given its defaults. */

export interface Wish {
  /** `same`: that of the subscription as it is. */
  readonly target: GivenTarget | { readonly kind: "same" };
  /** Well-formed, or `*`. */
  readonly event: string;
  readonly scope: Uuid;
  /** Whether this request named the resource, and does not merely leave it as it is. */
  readonly named: boolean;
  readonly persistent: boolean;
  readonly retry: RetryWish;
}

export interface Reading {
  readonly egressAllow: EgressAllow;
  /** Of the caller. */
  readonly own: OwnAddress;
  /** What is to become another. */
  readonly before?: Subscription;
  /** Whether what is left out stays as it is, and does not get its default. */
  readonly merging?: boolean;
}

const known = ["url", "event", "associatedUuid", "persistent", "policy"] as const;
/** What answers tell and nobody but us can say. */
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
export function readWish(body: unknown, reading: Reading): Wish {
  const { before, merging = false } = reading;
  const problems = new Problems();
  const said = saidOf(body, { known, ignored }, problems);
  const kept = merging ? before : undefined;
  const stays = (name: (typeof known)[number]): boolean => kept !== undefined && !said.has(name);
  const wish: Wish = {
    target: stays("url")
      ? { kind: "same" }
      : problems.read<Wish["target"]>({ kind: "same" }, () => readUrl(said.get("url"), reading)),
    event: kept !== undefined && stays("event") ? kept.event : problems.read("*", () => readEvent(said.get("event"))),
    scope:
      kept !== undefined && stays("associatedUuid")
        ? kept.scope
        : problems.read(anyResource, () => readScope(said.get("associatedUuid"))),
    named: !stays("associatedUuid"),
    persistent:
      kept !== undefined && stays("persistent")
        ? kept.once === undefined
        : problems.read(false, () => readPersistent(said.get("persistent"))),
    retry: problems.read(defaultRetryWish, () => readRetryWish(policyOf(said.get("policy"), kept))),
  };
  problems.tell();
  return wish;
}

function readUrl(url: unknown, { egressAllow, own, before }: Reading): Wish["target"] {
  if (before !== undefined && url === urlOf(before)) return { kind: "same" };
  const target = targetOfUrl(url, egressAllow);
  if (target.kind !== "own") return target;
  if (own.kind === "known") return { kind: "email", address: own.address };
  throw invalidField("url", `${own.why} ${urlRemedy}`);
}

/** Whether the resource has such an event is for `checkWish` to say. */
export function readEvent(value: unknown): string {
  const remedy = "name an event, such as OVERWRITTEN, or * for all of the resource";
  if (value === undefined || value === null) throw invalidField("event", `is required: ${remedy}`);
  if (typeof value !== "string") throw invalidField("event", "must be a string");
  if (value === "") throw invalidField("event", `must not be empty: ${remedy}`);
  if (value !== "*" && !heardNameForm.test(value)) {
    throw invalidField("event", "must be *, or 1 to 65 of A–Z, a–z, 0–9 and _, beginning with a letter");
  }
  return value;
}

export function readScope(value: unknown): Uuid {
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
