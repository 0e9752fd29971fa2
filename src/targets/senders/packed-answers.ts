import { failureReasons } from "../../domain/retry.ts";
import type { Opening } from "../connection.ts";
import type { EgressAnswer, Seen } from "../egress.ts";
import { type ByteSpan, type Parcel, ParcelReader, type ParcelWriter } from "./parcel.ts";

/** Of what was seen on the wire: what is known of it. */
const flags = { seen: 1, reused: 2, head: 4, opening: 8 } as const;
/** A time, or another number that is never negative, which is not known. */
const none = -1;

export function packAnswer(into: ParcelWriter, slot: number, answer: EgressAnswer): void {
  into.number(slot);
  if (answer.kind === "answer") {
    into.number(answer.status);
    into.number(answer.retryAfterMs ?? none);
    into.text(answer.snippet, "utf8");
  } else {
    into.number(none - failureReasons.indexOf(answer.reason));
    into.number(none);
    into.text(answer.message, "utf8");
  }
  packSeen(into, answer.seen);
}

function packSeen(into: ParcelWriter, seen: Seen | undefined): void {
  if (seen === undefined) return into.number(0);
  const { reused, head, opening, answeredMs } = seen;
  into.number(
    flags.seen |
      (reused ? flags.reused : 0) |
      (head === undefined ? 0 : flags.head) |
      (opening === undefined ? 0 : flags.opening),
  );
  into.number(answeredMs ?? none);
  if (head !== undefined) into.text(head, "latin1");
  if (opening === undefined) return;
  for (const ms of [opening.dnsMs, opening.connectMs, opening.tlsMs]) into.number(ms ?? none);
  into.text(opening.address ?? "", "latin1");
}

/** Tells of each answer, in their order. */
export function unpackAnswers(parcel: Parcel, tell: (slot: number, answer: EgressAnswer) => void): void {
  const reader = new ParcelReader(parcel);
  while (!reader.isAtEnd) {
    const slot = reader.number();
    const status = reader.number();
    const retryAfterMs = reader.number();
    const text = reader.text("utf8");
    const seen = unpackSeen(reader);
    const more = seen === undefined ? {} : { seen };
    const reason = status < 0 ? failureReasons[none - status] : undefined;
    if (reason !== undefined) tell(slot, { kind: "failed", reason, message: text, ...more });
    else if (retryAfterMs >= 0) tell(slot, { kind: "answer", status, retryAfterMs, snippet: text, ...more });
    else tell(slot, { kind: "answer", status, snippet: text, ...more });
  }
}

function unpackSeen(reader: ParcelReader): Seen | undefined {
  const known = reader.number();
  if (known === 0) return undefined;
  const answeredMs = reader.number();
  const head = (known & flags.head) === 0 ? undefined : reader.span();
  const opening = (known & flags.opening) === 0 ? undefined : unpackOpening(reader);
  return new PackedSeen(reader.all, (known & flags.reused) !== 0, {
    head,
    opening,
    answeredMs: answeredMs < 0 ? undefined : answeredMs,
  });
}

function unpackOpening(reader: ParcelReader): Opening {
  const [dnsMs, connectMs, tlsMs] = [reader.number(), reader.number(), reader.number()];
  const address = reader.text("latin1");
  return {
    ...(dnsMs < 0 ? {} : { dnsMs }),
    ...(connectMs < 0 ? {} : { connectMs }),
    ...(tlsMs < 0 ? {} : { tlsMs }),
    ...(address === "" ? {} : { address }),
  };
}

/** The head of an answer is mostly not looked at. */
class PackedSeen implements Seen {
  readonly reused: boolean;
  readonly opening: Opening | undefined;
  readonly answeredMs: number | undefined;
  readonly #bytes: Buffer;
  readonly #head: ByteSpan | undefined;

  constructor(
    bytes: Buffer,
    reused: boolean,
    { head, opening, answeredMs }: Pick<Seen, "opening" | "answeredMs"> & { readonly head: ByteSpan | undefined },
  ) {
    this.#bytes = bytes;
    this.reused = reused;
    this.opening = opening;
    this.answeredMs = answeredMs;
    this.#head = head;
  }

  get head(): string | undefined {
    return this.#head === undefined ? undefined : this.#bytes.toString("latin1", this.#head.from, this.#head.to);
  }
}
