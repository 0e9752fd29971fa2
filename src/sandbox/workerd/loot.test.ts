/** Functions that change what they share with the code that calls them, to get at what it holds. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { call, code, value } from "../../../test/conformance/sandbox/kit.ts";
import { systemClock } from "../../clock.ts";
import { parseEgressAllow } from "../../domain/egress.ts";
import { silentLog } from "../../log.ts";
import type { Sandbox } from "../sandbox.ts";
import { workerdSandbox } from "./sandbox.ts";

/**
 * Wraps every method and getter of every built-in prototype and object so that it keeps what it is called on and with; puts getters and
 * setters for every name that is of interest on Object.prototype and Array.prototype; and looks through all that it got. What it looks
 * for: the binding to the server (a Fetcher), tokens, and functions or objects that are neither built in nor its own.
 */
const thief = String.raw`
const loot = new Set();
const { apply, construct, ownKeys, getOwnPropertyDescriptor: described, getPrototypeOf: above } = Reflect;
const { defineProperty } = Object;
const tagOf = Object.prototype.toString;
const setAdd = Set.prototype.add;
let busy = false;
function keep(self, args) {
  if (busy) return;
  busy = true;
  apply(setAdd, loot, [self]);
  for (let at = 0; at < args.length; at += 1) apply(setAdd, loot, [args[at]]);
  busy = false;
}
function wrapped(fn) {
  return function (...args) {
    keep(this, args);
    const got = new.target === undefined ? apply(fn, this, args) : construct(fn, args, fn);
    keep(got, []);
    return got;
  };
}
function tamper(owner, skip = []) {
  for (const name of ownKeys(owner)) {
    if (name === "constructor" || skip.includes(name)) continue;
    const its = described(owner, name);
    if (!its.configurable) continue;
    try {
      if (typeof its.value === "function") defineProperty(owner, name, { ...its, value: wrapped(its.value) });
      else if (its.get !== undefined) defineProperty(owner, name, { ...its, get: wrapped(its.get) });
    } catch {}
  }
}
const names = ["signal", "headers", "method", "redirect", "body", "cf", "token", "env", "API", "limits", "fetch", "cache", "start", "pull",
  "type", "status", "webSocket", "encodeBody", "fetcher", "props", "log", "end", "tell", "send", "vars", "x-token"];
export function install(classes, functions) {
  for (const of of classes) {
    tamper(of.prototype, of === Set ? ["add"] : []);
    tamper(of, []);
  }
  for (const of of functions) tamper(of);
  for (const proto of [Object.prototype]) {
    for (const name of names) {
      if (name in proto) continue;
      defineProperty(proto, name, {
        configurable: true,
        get() { keep(this, []); return undefined; },
        set(to) { keep(this, [to]); defineProperty(this, name, { value: to, writable: true, configurable: true, enumerable: true }); },
      });
    }
  }
}
/** Looks through all of it, and what leads from there. */
function found() {
  busy = true;
  const leaks = [];
  const seen = new Set();
  const queue = [...loot];
  while (queue.length > 0 && seen.size < 200_000) {
    const one = queue.pop();
    if (typeof one === "string") { if (/[0-9a-f]{32}/.test(one)) leaks.push("token " + one.slice(0, 80)); continue; }
    if (one === null || (typeof one !== "object" && typeof one !== "function") || seen.has(one)) continue;
    seen.add(one);
    if (apply(tagOf, one, []) === "[object Fetcher]") leaks.push("binding");
    try {
      const parent = above(one);
      if (parent !== null) queue.push(parent);
      for (const key of ownKeys(one)) { const its = described(one, key); if (its !== undefined && "value" in its) queue.push(its.value); }
      if (apply(tagOf, one, []) === "[object Headers]") queue.push(...[...one].flat());
      if (apply(tagOf, one, []) === "[object Request]") queue.push(one.url, ...[...one.headers].flat());
    } catch {}
  }
  busy = false;
  return [[...new Set(leaks)], seen.size];
}
export default async function main(event, { env, log, api }) {
  if (event === "install") {
    const load = (...parts) => import(parts.join(""));
    const { AsyncLocalStorage, AsyncResource } = await load("node:", "async_hooks");
    for (const name of ["first", "shim"]) { const it = await load(name, ".js"); keep(it, Object.values(it)); }
    install([AsyncLocalStorage, AsyncResource], []);
    if (!early) everything();
    return "installed";
  }
  if (event === "look") return found();
  log("a", { b: 1 });
  console.log("c");
  await new Promise((go) => setTimeout(go, 5));
  const answer = await api("/x?y", { method: "POST", body: "z" });
  return [answer.status, await answer.text()];
}
`;

/** All that there is, but for what has to be imported. */
const everything = String.raw`
function everything() {
install(
  [Promise, Array, Map, Set, String, RegExp, Number, Error, Headers, Request, Response, ReadableStream, ReadableStreamDefaultController,
   ReadableStreamDefaultReader, TextEncoder, TextDecoder, URL, URLSearchParams, Uint8Array, ArrayBuffer, WritableStream, TransformStream],
  [JSON, Reflect, Math, console, performance, above([][Symbol.iterator]()), above(async function () {}), above((function* () {})())],
);
for (const name of ["Request", "Response", "Headers", "ReadableStream", "TextEncoder", "Promise", "URL", "setTimeout", "JSON", "fetch", "queueMicrotask"]) {
  const its = globalThis[name];
  try { globalThis[name] = typeof its === "function" ? wrapped(its) : its; } catch {}
}
for (const [owner, name] of [[Promise.prototype, "constructor"], [Array, Symbol.species], [Promise, Symbol.species]]) {
  const its = described(owner, name);
  try { defineProperty(owner, name, { configurable: true, get() { keep(this, []); return its.value ?? (its.get && apply(its.get, this, [])); } }); } catch {}
}
}
`;

describe("a function that changes all that it shares with what calls it", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await workerdSandbox({ egressAllow: parseEgressAllow([]), clock: systemClock, log: silentLog });
  });
  after(() => sandbox[Symbol.asyncDispose]());

  for (const [when, text] of [
    ["as it is loaded", `${thief}${everything}const early = true; everything();`],
    ["once it runs", `${thief}${everything}const early = false;`],
  ] as const) {
    it(`${when}, gets neither the binding to the server nor a token`, async () => {
      const asked: string[] = [];
      const api = async ({ path }: { readonly path: string }) => {
        asked.push(path);
        return { status: 201, headers: { "x-a": "b" }, body: "told\nme" };
      };
      const of = code(text);
      assert.equal(await value(sandbox, of, { event: "install", api }), "installed");
      for (let count = 0; count < 3; count += 1) {
        await sandbox.run(call(of, { event: "act", api }));
      }
      const [found, seen] = (await value(sandbox, of, { event: "look", api })) as [string[], number];
      assert.deepEqual(found, []);
      assert.ok(seen > 100, `${seen} things were looked at`);
      assert.deepEqual(new Set(asked), new Set(["/x?y"]));
    });
  }
});
