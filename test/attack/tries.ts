/** Lets a function try out things, one after the other, and tell what came of each. */
import assert from "node:assert/strict";
import type { Tenant } from "./tenants.ts";

/** An expression of the function, and what it must come to: `threw <name>: <message>`, or the value as JSON. */
export type Try = readonly [expression: string, outcome: RegExp];

export interface TryOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
}

let functions = 0;

/** Makes a hook of the tenant's try them all, and fails with all that came to something else. */
export async function assertTries(tenant: Tenant, tries: readonly Try[], options: TryOptions = {}): Promise<void> {
  const outcomes = await outcomesOf(
    tenant,
    tries.map(([expression]) => expression),
    options,
  );
  const wrong = tries.flatMap(([expression, expected], index) => {
    const outcome = outcomes[index] ?? "nothing";
    return expected.test(outcome) ? [] : [`${expression} came to ${outcome}`];
  });
  assert.deepEqual(wrong, []);
}

/** `load` hides what is imported from whoever reads the code. */
export async function outcomesOf(
  tenant: Tenant,
  expressions: readonly string[],
  { settings = {} }: TryOptions = {},
): Promise<readonly string[]> {
  const code = `const load = (...parts) => import(parts.join(""));
export default async (event, { env, log, api }) => {
  const tries = [${expressions.map((expression) => `async () => (${expression})`).join(",\n")}];
  for (const one of tries) {
    let outcome;
    try { outcome = JSON.stringify(await one()) ?? "undefined"; } catch (error) { outcome = "threw " + error; }
    log(outcome.slice(0, 500));
  }
};`;
  functions += 1;
  const hook = await tenant.hook("PRE_USER_CREATE", code, {
    name: `Tries ${functions}`,
    settings: { timeout_ms: 30_000, ...settings },
  });
  const { status, text } = await tenant.createUser();
  const [invocation] = await tenant.invocations(hook);
  await tenant.unsubscribe("PRE_USER_CREATE", hook);
  assert.equal(status, 201, `${text} ${JSON.stringify(invocation?.error)}`);
  return (invocation?.logs ?? []).map(({ message }) => message);
}
