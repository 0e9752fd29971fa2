import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ByteRates } from "./byte-rates.ts";

describe("rates of bytes", () => {
  let nowMs = 1_000_000;
  const now = (): number => nowMs;

  it("let a burst come at once, and what is beyond it at the rate", () => {
    const rates = new ByteRates(1_000, now);
    assert.equal(rates.spend("a", 250), 0);
    assert.equal(rates.spend("a", 100), 100);
    nowMs += 100;
    assert.equal(rates.spend("a", 50), 50);
  });

  it("add up what a payer brings at several places, and keep payers apart", () => {
    const rates = new ByteRates(1_000, now);
    rates.spend("a", 250);
    assert.equal(rates.spend("a", 1_000), 1_000);
    assert.equal(rates.spend("a", 1_000), 2_000);
    assert.equal(rates.spend("b", 250), 0);
  });

  it("save up no more than a burst", () => {
    const rates = new ByteRates(1_000, now);
    rates.spend("a", 1);
    nowMs += 3_600_000;
    assert.equal(rates.spend("a", 300), 50);
  });

  it("of 0 bound nothing", () => {
    assert.equal(new ByteRates(0, now).spend("a", 2 ** 40), 0);
  });

  it("forget payers that owe nothing", () => {
    const rates = new ByteRates(1_000, now);
    rates.spend("owes", 10_000);
    for (let n = 0; n < 2_000; n += 1) rates.spend(`payer-${n}`, 1);
    nowMs += 1_000;
    for (let n = 0; n < 2_000; n += 1) rates.spend(`other-${n}`, 1);
    assert.equal(rates.spend("owes", 0), 8_750);
  });
});
