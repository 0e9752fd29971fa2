/** Links in mails that prove who got them: what they name is signed. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.ts";

type MailLinkPurpose = "confirm" | "unsubscribe" | "never" | "again";

export interface MailLink {
  readonly purpose: MailLinkPurpose;
  /** Its uuid. */
  readonly subscription: string;
  readonly address: string;
}

export interface MailLinks {
  /** Opening it shows that the address is one's own, and agrees. Lives for 7 days. */
  confirm(subscription: string, address: string): string;
  /** Posting to it unsubscribes from this subscription. Lives as long as the key. */
  unsubscribe(subscription: string, address: string): string;
  /** Posting to it refuses all mail to this address, for good. Lives as long as the key. */
  never(subscription: string, address: string): string;
  /** Undoes that. Lives as long as the key. */
  again(subscription: string, address: string): string;
  /** What a link's token says; `undefined` when it is not signed, or its time is over. */
  open(token: string): MailLink | undefined;
}

interface MailLinkOptions {
  /** 32 bytes each, not used for anything else: the first signs, all verify. */
  readonly keys: readonly [Uint8Array, ...Uint8Array[]];
  /** Under which people reach this server, without a final slash. Asked for each link. */
  readonly publicUrl: () => string;
  readonly clock: Pick<Clock, "now">;
}

/** How long a link for confirming may be opened. */
export const confirmLinkMs = 7 * 86_400_000;

const macBytes = 32;
/** A token of the longest address has about 600 characters. */
const longestToken = 1_024;

/** Throws a `RangeError` when the key has not 32 bytes. */
export function mailLinks({ keys, publicUrl, clock }: MailLinkOptions): MailLinks {
  if (keys.some((key) => key.length !== 32)) throw new RangeError("the key of mail links has 32 bytes");
  const mac = (payload: Uint8Array, key: Uint8Array = keys[0]): Buffer =>
    createHmac("sha256", key).update("mail link\0").update(payload).digest();
  const link = (...parts: readonly (string | number)[]): string => {
    const payload = Buffer.from(JSON.stringify(parts));
    const token = Buffer.concat([mac(payload), payload]).toString("base64url");
    return `${publicUrl()}/notifications/v2/mail/${token}/`;
  };
  return {
    confirm: (subscription, address) => link("confirm", subscription, address, clock.now()),
    unsubscribe: (subscription, address) => link("unsubscribe", subscription, address),
    never: (subscription, address) => link("never", subscription, address),
    again: (subscription, address) => link("again", subscription, address),
    open: (token) => {
      if (token.length > longestToken || !/^[A-Za-z0-9_-]+$/.test(token)) return undefined;
      const bytes = Buffer.from(token, "base64url");
      // One token has one spelling.
      if (bytes.length <= macBytes || bytes.toString("base64url") !== token) return undefined;
      const payload = bytes.subarray(macBytes);
      if (!keys.some((key) => timingSafeEqual(bytes.subarray(0, macBytes), mac(payload, key)))) return undefined;
      return read(payload, clock.now());
    },
  };
}

/** Of a payload that is ours. */
function read(payload: Buffer, nowMs: number): MailLink | undefined {
  const [purpose, subscription, address, issuedMs] = JSON.parse(payload.toString("utf8")) as readonly unknown[];
  if (typeof subscription !== "string" || typeof address !== "string") return undefined;
  if (purpose === "unsubscribe" || purpose === "never" || purpose === "again") {
    return { purpose, subscription, address };
  }
  if (purpose !== "confirm" || typeof issuedMs !== "number" || nowMs - issuedMs > confirmLinkMs) return undefined;
  return { purpose, subscription, address };
}
