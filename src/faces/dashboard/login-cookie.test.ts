import assert from "node:assert/strict";
import { test } from "node:test";
import { siteCookieName } from "../http/site-cookie.ts";
import { setLoginCookie } from "./login-cookie.ts";

const site = { publicUrl: () => "https://events.acme.example" };
const start = `${siteCookieName(site, "signalbox_login_")}_`;
const begun = { state: "s".repeat(43), kept: "v1.sealed" };
const namesIn = (headers: readonly string[]): string[] => headers.map((header) => header.slice(0, header.indexOf("=")));
const cookies = (ends: readonly string[]): string => ends.map((end) => `${start}${end}=v1.old`).join("; ");

const own = `${start}${"s".repeat(12)}`;
const ends = Array.from({ length: 60 }, (_, nth) => `end${String(nth).padStart(9, "0")}`);

test("log ins that were begun and not ended are forgotten once there are many", () => {
  assert.deepEqual(namesIn(setLoginCookie(site, cookies(ends.slice(0, 3)), begun)), [own]);
  const four = ends.slice(0, 4);
  assert.deepEqual(namesIn(setLoginCookie(site, cookies(four), begun)), [...four.map((end) => `${start}${end}`), own]);
});

test("an answer has few headers, however many cookies were put there, and says none that is not of a log in", () => {
  assert.equal(setLoginCookie(site, cookies(ends), begun).length, 9);
  assert.deepEqual(namesIn(setLoginCookie(site, cookies(Array(60).fill(ends[0])), begun)), [own]);
  const strange = ["", "short", "<b>of a name", "f\u00fcnf Namen-", "a,b,c,d,e,f,", "much-longer-than-those"];
  assert.deepEqual(namesIn(setLoginCookie(site, cookies(strange), begun)), [own]);
});
