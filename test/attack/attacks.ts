/** What a hostile tenant does for as long as it is let. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { bodied, tick } from "./hostile.ts";
import type { Tenant } from "./tenants.ts";

export interface Attack {
  readonly name: string;
  readonly event: "PRE_USER_CREATE" | "POST_USER_CREATE";
  readonly text: string;
  readonly short?: true;
}

export const attacks: readonly Attack[] = [
  { name: "looping-hook", event: "PRE_USER_CREATE", text: "for (;;);", short: true },
  { name: "looping-function", event: "POST_USER_CREATE", text: "for (;;);", short: true },
  {
    name: "heap-bomb",
    event: "PRE_USER_CREATE",
    text: `const all = []; for (;;) { all.push(new Array(1e6).fill(1.5)); ${tick} }`,
  },
  {
    name: "buffer-bomb",
    event: "PRE_USER_CREATE",
    text: `const all = []; for (;;) { all.push(new Uint8Array(1e7).fill(1)); ${tick} }`,
    short: true,
  },
  { name: "log-flood", event: "PRE_USER_CREATE", text: `for (let n = 0; n < 1e4; n += 1) log("x".repeat(1_000));` },
  { name: "output-flood", event: "PRE_USER_CREATE", text: 'return "x".repeat(1e6);' },
];

/** Long enough to be killed rather than given up. */
const limitMs = 5_000;
const program = new URL("./attacker.fixture.ts", import.meta.url).pathname;
let functions = 0;

/** Begins; resolves with what ends it. A hook may fail the users that it is for; a function that comes after them may not. */
export async function besiege(tenant: Tenant, { event, text }: Attack): Promise<() => Promise<void>> {
  functions += 1;
  const pre = event.startsWith("PRE_");
  const hook = await tenant.hook(event, bodied(text), {
    name: `Attack ${functions}`,
    settings: { timeout_ms: limitMs },
    subscription: pre ? {} : { max_retries: 3, backoff: { schedule_ms: [10] } },
  });
  const attacker = spawn(process.execPath, [program, tenant.url, tenant.token, tenant.name, event], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => attacker.once("close", resolve));
  return async () => {
    attacker.stdin.end();
    await tenant.unsubscribe(event, hook);
    assert.equal(await ended, 0, "the attacker's requests were answered as they should");
  };
}
