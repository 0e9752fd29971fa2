import { HmacKey } from "../../domain/hmac.ts";
import type { Posting } from "../exchange.ts";
import { type Letter, RequestHead } from "../request-head.ts";
import type { WireHead } from "./messages.ts";
import { type Parcel, ParcelReader, type ParcelWriter } from "./parcel.ts";

/** A letter as a sender gets it, with what it has to know to answer. */
export interface ArrivedLetter {
  readonly letter: Letter;
  /** Under which its answer is waited for. */
  readonly slot: number;
  readonly timeoutMs: number;
  readonly beganMs: number;
  /** 0: none. */
  readonly signal: number;
}

interface Numbered {
  readonly slot: number;
  readonly signal: number;
}

export function packLetter(
  into: ParcelWriter,
  { head, signed, lines, body }: Letter,
  { timeoutMs, beganMs }: Posting,
  { slot, signal }: Numbered,
): void {
  into.number(slot);
  into.number(head.number);
  into.number(timeoutMs);
  into.number(beganMs);
  into.number(signal);
  into.number(signed?.timestampS ?? -1);
  into.text(signed?.id ?? "", "latin1");
  into.text(lines, "latin1");
  if (typeof body === "string") into.text(body, "utf8");
  else into.bytes(body);
}

/** @param heads all that are known, by their numbers. Bodies are there as long as the parcel is. */
export function* unpackLetters(parcel: Parcel, heads: ReadonlyMap<number, RequestHead>): Generator<ArrivedLetter> {
  const reader = new ParcelReader(parcel);
  while (!reader.isAtEnd) {
    const slot = reader.number();
    const head = heads.get(reader.number());
    const [timeoutMs, beganMs, signal] = [reader.number(), reader.number(), reader.number()];
    const timestampS = reader.number();
    const id = reader.text("latin1");
    const lines = reader.text("latin1");
    const body = reader.bytes();
    if (head === undefined) throw new TypeError("a letter came without its head");
    const letter = timestampS < 0 ? { head, lines, body } : { head, signed: { id, timestampS }, lines, body };
    yield { letter, slot, timeoutMs, beganMs, signal };
  }
}

export function packHead({ number, url, text, keys }: RequestHead): WireHead {
  return { number, href: url.href, text, keys: keys.map((key) => key.export()) };
}

export function unpackHead({ href, text, keys }: WireHead): RequestHead {
  return RequestHead.known(
    new URL(href),
    text,
    keys.map((key) => new HmacKey(key)),
  );
}
