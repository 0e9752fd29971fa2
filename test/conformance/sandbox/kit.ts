import assert from "node:assert/strict";
import type { Json } from "../../../src/domain/event.ts";
import type { Code, Sandbox, SandboxCall, SandboxFailure, SandboxResult } from "../../../src/sandbox/sandbox.ts";

let codes = 0;

/** New code each time, with an id of its own. */
export function code(js: string, more: Partial<Code> = {}): Code {
  codes += 1;
  return { id: `code-${codes}`, js, env: {}, egress: [], ...more };
}

/** A function whose body is this. */
export const body = (text: string, more: Partial<Code> = {}): Code =>
  code(`export default async (event, { env, log, api }) => {\n${text}\n};`, more);

export const call = (of: Code, more: Partial<SandboxCall> = {}): SandboxCall => ({
  tenant: "acme",
  lane: "pre",
  code: of,
  event: null,
  timeoutMs: 30_000,
  ...more,
});

export function valueOf({ outcome }: SandboxResult): Json {
  assert.equal(outcome.kind, "ok", JSON.stringify(outcome));
  return outcome.kind === "ok" ? outcome.value : null;
}

export function reasonOf({ outcome }: SandboxResult): SandboxFailure | "ok" {
  return outcome.kind === "ok" ? "ok" : outcome.reason;
}

export function errorOf({ outcome }: SandboxResult): { name: string; message: string; stack?: string } {
  assert.equal(outcome.kind, "failed", JSON.stringify(outcome));
  return outcome.kind === "failed" ? outcome.error : { name: "", message: "" };
}

export async function value(sandbox: Sandbox, of: Code, more: Partial<SandboxCall> = {}): Promise<Json> {
  return valueOf(await sandbox.run(call(of, more)));
}

/** The value as JSON. */
export async function told(sandbox: Sandbox, of: Code, more: Partial<SandboxCall> = {}): Promise<string> {
  return JSON.stringify(await value(sandbox, of, more));
}

export async function reason(sandbox: Sandbox, of: Code, more: Partial<SandboxCall> = {}): Promise<string> {
  return reasonOf(await sandbox.run(call(of, more)));
}

/** An `api` that waits until it is let go: so that a test knows that a call is under way, and decides when it goes on. */
export interface Gate {
  readonly api: NonNullable<SandboxCall["api"]>;
  /** Resolves when so many calls (from 1) are at the gate, or have passed it. */
  reached(count?: number): Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let count = 0;
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const waiting: { readonly count: number; readonly tell: () => void }[] = [];
  return {
    api: async () => {
      count += 1;
      for (const { count: wanted, tell } of waiting) if (count >= wanted) tell();
      await opened;
      return { status: 200, headers: {}, body: "" };
    },
    reached: (wanted = 1) =>
      count >= wanted ? Promise.resolve() : new Promise((tell) => waiting.push({ count: wanted, tell })),
    open,
  };
}
