import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { HmacKey } from "../../domain/hmac.ts";
import { failureReasons } from "../../domain/retry.ts";
import { type Letter, RequestHead } from "../request-head.ts";
import { packAnswer, unpackAnswers } from "./packed-answers.ts";
import { packHead, packLetter, unpackHead, unpackLetters } from "./packed-letters.ts";
import { handedOver, type Parcel, ParcelWriter } from "./parcel.ts";

/** As another thread gets it. */
const sent = (parcel: Parcel): Parcel => structuredClone(parcel, { transfer: [...handedOver(parcel)] });

const latin = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) });
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "grapheme" }).map((one) => one.repeat(9_000)),
);
const ms = fc.nat(2 ** 45);

describe("letters on their way to a sender", () => {
  it("arrive as they were, and are written as they would have been (property)", () => {
    const heads = ["http://a.example/", "https://b.example:8443/x?y=%20"].map((url) =>
      RequestHead.of(new URL(url), ["x-own", "\u00e9"], [new HmacKey(new Uint8Array(32).fill(url.length))]),
    );
    const known = new Map(heads.map((head) => [head.number, unpackHead(structuredClone(packHead(head)))]));
    const letter = fc.record({
      head: fc.constantFrom(...heads),
      signed: fc.option(fc.record({ id: latin, timestampS: fc.nat() }), { nil: undefined }),
      lines: latin,
      body: fc.oneof(
        text,
        text.map((one): Uint8Array => Buffer.from(one)),
      ),
    });
    const sending = fc.record({ letter, timeoutMs: ms, beganMs: ms, slot: fc.nat(), signal: fc.nat() });
    fc.assert(
      fc.property(fc.array(fc.array(sending, { maxLength: 8 }), { maxLength: 4 }), (batches) => {
        const writer = new ParcelWriter();
        for (const batch of batches) {
          for (const { letter: one, timeoutMs, beganMs, slot, signal } of batch) {
            const { signed, ...rest } = one;
            const packed: Letter = signed === undefined ? rest : { ...rest, signed };
            packLetter(writer, packed, { timeoutMs, beganMs, answered: () => {} }, { slot, signal });
          }
          const arrived = [...unpackLetters(sent(writer.take()), known)];
          const shown = (one: Letter): string => one.head.written(one).toString("latin1");
          assert.deepEqual(
            arrived.map((one) => [one.slot, one.timeoutMs, one.beganMs, one.signal, shown(one.letter)]),
            batch.map((one) => [one.slot, one.timeoutMs, one.beganMs, one.signal, shown(one.letter as Letter)]),
          );
        }
      }),
      { seed: 14, numRuns: 50 },
    );
  });

  it("show nothing of their keys when they are printed", () => {
    const key = new HmacKey(new Uint8Array(32).fill(7));
    assert.doesNotMatch(JSON.stringify(RequestHead.of(new URL("http://a.example/"), [], [key])), /7,(?:"\d+":)?7/);
  });
});

describe("answers on their way from a sender", () => {
  it("arrive as they were (property)", () => {
    const opening = fc.record(
      { dnsMs: ms, connectMs: ms, tlsMs: ms, address: fc.constantFrom("127.0.0.1", "2001:db8::1") },
      { requiredKeys: [], noNullPrototype: true },
    );
    const seen = fc.record(
      {
        head: fc.option(latin, { nil: undefined }),
        opening: fc.option(opening, { nil: undefined }),
        answeredMs: fc.option(ms, { nil: undefined }),
        reused: fc.boolean(),
      },
      { noNullPrototype: true },
    );
    const told = fc.record(
      {
        kind: fc.constant("answer"),
        status: fc.integer({ min: 200, max: 599 }),
        snippet: text,
        seen,
        retryAfterMs: ms,
      },
      { requiredKeys: ["kind", "status", "snippet"], noNullPrototype: true },
    );
    const failed = fc.record(
      { kind: fc.constant("failed"), reason: fc.constantFrom(...failureReasons), message: text, seen },
      { requiredKeys: ["kind", "reason", "message"], noNullPrototype: true },
    );
    const answers = fc.array(fc.record({ slot: fc.nat(), answer: fc.oneof(told, failed) }, { noNullPrototype: true }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(answers, (batch) => {
        const writer = new ParcelWriter();
        for (const { slot, answer } of batch) packAnswer(writer, slot, answer);
        const arrived: unknown[] = [];
        unpackAnswers(sent(writer.take()), (slot, { seen: packed, ...answer }) => {
          const { head, opening: how, answeredMs, reused } = packed ?? {};
          arrived.push({
            slot,
            answer: packed === undefined ? answer : { ...answer, seen: { head, opening: how, answeredMs, reused } },
          });
        });
        assert.deepEqual(arrived, batch);
      }),
      { seed: 14, numRuns: 100 },
    );
  });
});
