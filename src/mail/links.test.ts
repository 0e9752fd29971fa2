import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fakeClock } from "../../test/support/clock.ts";
import { confirmLinkMs, mailLinks } from "./links.ts";

const key = new Uint8Array(32).fill(7);
const uuid = "01890a5d-ac96-774b-bcce-b302099a8057-011";
const start = "https://box.example/notifications/v2/mail/";

function tokenOf(link: string): string {
  assert.ok(link.startsWith(start) && link.endsWith("/"), link);
  return link.slice(start.length, -1);
}

function made(clock = fakeClock()): ReturnType<typeof mailLinks> {
  return mailLinks({ keys: [key], publicUrl: () => "https://box.example", clock });
}

describe("mailLinks", () => {
  it("reads what it signed, whatever the address", () => {
    const links = made();
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (address) => {
        for (const purpose of ["confirm", "unsubscribe", "never", "again"] as const) {
          const token = tokenOf(links[purpose](uuid, address));
          assert.match(token, /^[A-Za-z0-9_-]+$/);
          assert.deepEqual(links.open(token), { purpose, subscription: uuid, address });
        }
      }),
    );
    assert.ok(links.open(tokenOf(links.unsubscribe(`${"x".repeat(60)}-011`, "a".repeat(254)))) !== undefined);
  });

  it("reads nothing that anybody changed, and nothing of another key", () => {
    const links = made();
    const token = tokenOf(links.unsubscribe(uuid, "ada@example.com"));
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === "A" ? "B" : "A";
      assert.equal(links.open(token.slice(0, index) + other + token.slice(index + 1)), undefined, String(index));
    }
    const others = mailLinks({ keys: [new Uint8Array(32).fill(8)], publicUrl: () => "", clock: fakeClock() });
    assert.equal(others.open(token), undefined);
    for (const bad of [
      "",
      "A",
      token.slice(1),
      `${token}A`,
      `${token}=`,
      `${token} `,
      "é",
      "A".repeat(1_024),
      "A".repeat(9_999),
    ]) {
      assert.equal(links.open(bad), undefined, bad.slice(0, 40));
    }
  });

  it("lets a confirmation be opened for 7 days, and an unsubscription for ever", () => {
    const clock = fakeClock();
    const links = made(clock);
    const confirm = tokenOf(links.confirm(uuid, "ada@example.com"));
    const unsubscribe = tokenOf(links.unsubscribe(uuid, "ada@example.com"));
    clock.advance(confirmLinkMs);
    assert.equal(links.open(confirm)?.purpose, "confirm");
    clock.advance(1);
    assert.equal(links.open(confirm), undefined);
    clock.advance(100 * 365 * 86_400_000);
    assert.equal(links.open(unsubscribe)?.purpose, "unsubscribe");
  });

  it("takes no short key", () => {
    const after = mailLinks({ keys: [new Uint8Array(32).fill(8), key], publicUrl: () => "", clock: fakeClock() });
    const token = (link: string): string => link.split("/").at(-2) ?? "";
    const before = mailLinks({ keys: [key], publicUrl: () => "", clock: fakeClock() });
    const [older, newer] = [before.never("s", "a@b.example"), after.never("s", "a@b.example")];
    assert.notEqual(older, newer);
    assert.deepEqual(after.open(token(older)), after.open(token(newer)), "while the key is changed, both are known");
    assert.equal(before.open(token(newer)), undefined);
    assert.throws(() => mailLinks({ keys: [key.subarray(1)], publicUrl: () => "", clock: fakeClock() }), RangeError);
  });
});
