/**
 * Names of things. A resource uuid is `<opaque, at most 60 of [0-9A-Za-z-]>-<3-digit kind>`; ours are UUID v7, hosts may
 * bring their own. Pure: time and random bytes are handed in.
 */

/** The 3-digit kinds that Signalbox itself gives out. */
export const kinds = {
  profile: "001",
  file: "002",
  token: "004",
  app: "005",
  job: "007",
  subscription: "011",
  delivery: "042",
  bucket: "101",
  function: "102",
  loginSession: "103",
  /** Of a kind that only a host's own event types know. */
  hosted: "900",
} as const;
export type Kind = keyof typeof kinds;

/** The kind of what an event type calls its `resource`: of a name that is none of ours, a host's. */
export function kindOf(resource: string): Kind {
  if (resource === "user") return "profile";
  if (resource === "object") return "file";
  return Object.hasOwn(kinds, resource) ? (resource as Kind) : "hosted";
}

declare const brand: unique symbol;
/** A resource uuid. Made only by {@link newUuid}, {@link parseUuid} and {@link deliveryUuid}. */
export type Uuid = string & { readonly [brand]: "uuid" };

/** What every id is made from. */
export interface Moment {
  readonly nowMs: number;
  /** At least 10 unpredictable bytes. */
  readonly bytes: Uint8Array;
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The low byte of a number in hex. Here and below no closure and no template: an id is made for every event and every attempt. */
function pair(value = 0): string {
  return hex[value & 0xff] ?? "00";
}

/** Eight hex digits. By table it takes a third of what `toString(16)` takes. */
function word(value: number): string {
  return pair(value >>> 24) + pair(value >>> 16) + pair(value >>> 8) + pair(value);
}

/** A UUID v7 (RFC 9562): 48 bits of time, then 74 random ones. */
export function uuidV7({ nowMs, bytes }: Moment): string {
  const high = Math.floor(nowMs / 0x1_0000);
  const low = Math.floor(nowMs) % 0x1_0000;
  return (
    word(high) +
    "-" +
    pair(low >>> 8) +
    pair(low) +
    "-" +
    pair(0x70 | ((bytes[0] ?? 0) & 0x0f)) +
    pair(bytes[1]) +
    "-" +
    pair(0x80 | ((bytes[2] ?? 0) & 0x3f)) +
    pair(bytes[3]) +
    "-" +
    pair(bytes[4]) +
    pair(bytes[5]) +
    pair(bytes[6]) +
    pair(bytes[7]) +
    pair(bytes[8]) +
    pair(bytes[9])
  );
}

const uuidV7Form = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** When a UUID v7 was made; `undefined` for anything else. */
export function timeOfUuidV7(text: string): number | undefined {
  const [, high, low] = uuidV7Form.exec(text) ?? [];
  return high === undefined || low === undefined ? undefined : Number.parseInt(high + low, 16);
}

export function newUuid(kind: Kind, moment: Moment): Uuid {
  return `${uuidV7(moment)}-${kinds[kind]}` as Uuid;
}

/** In the place of a resource's uuid: all resources of the tenant. */
export const anyResource = "*" as Uuid;

/** In the place of a resource's uuid: what went wrong with the tenant's deliveries. Nothing else is ever there. */
export const alertsPlace = "alerts-000" as Uuid;

const uuidForm = /^[0-9A-Za-z-]{1,60}-[0-9]{3}$/;

/** `undefined` when `text` has not the form of a resource uuid. */
export function parseUuid(text: string): Uuid | undefined {
  return uuidForm.test(text) ? (text as Uuid) : undefined;
}

/** Everything before the kind. */
function opaque(uuid: Uuid): string {
  return uuid.slice(0, -4);
}

/** A sequence as callers see it: 16 lower-case hex digits. Inside it is a safe integer. */
export function sequenceText(sequence: number): string {
  return word(Math.floor(sequence / 0x1_0000_0000)) + word(sequence >>> 0);
}

/** The inverse of {@link sequenceText}; `undefined` for anything else. */
export function parseSequence(text: string): number | undefined {
  if (!/^[0-9a-f]{16}$/.test(text)) return undefined;
  const value = Number.parseInt(text, 16);
  return Number.isSafeInteger(value) ? value : undefined;
}

/**
 * A delivery's uuid, derived from what it is: the same on every attempt, redrive and after a crash.
 * It is `webhook-id`, and it can be taken apart again, so no index is needed to find its row.
 */
export function deliveryUuid(sequence: number, subscription: Uuid): Uuid {
  return `${sequenceText(sequence)}-${opaque(subscription)}-${kinds.delivery}` as Uuid;
}

/** The inverse of {@link deliveryUuid}; `undefined` when `text` is not one. */
export function parseDeliveryUuid(
  text: string,
): { readonly sequence: number; readonly subscription: Uuid } | undefined {
  if (text.length < 22 || !text.endsWith(`-${kinds.delivery}`) || text.charAt(16) !== "-") return undefined;
  const sequence = parseSequence(text.slice(0, 16));
  const subscription = parseUuid(`${text.slice(17, -4)}-${kinds.subscription}`);
  return sequence === undefined || subscription === undefined ? undefined : { sequence, subscription };
}
