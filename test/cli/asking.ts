import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { runCommand } from "../../src/cli/run.ts";
import type { TestApi } from "../support/api.ts";

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command. */
export async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Said> {
  let out = "";
  let err = "";
  const code = await runCommand(argv, {
    env,
    out: (text) => {
      out += `${text}\n`;
    },
    err: (text) => {
      err += `${text}\n`;
    },
    fetch: globalThis.fetch,
  });
  return { code, out, err };
}

/** The command line, asking a server that listens. */
export async function asking(api: TestApi): Promise<(...argv: string[]) => Promise<Said>> {
  await api.app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = api.app.server.address() as AddressInfo;
  return (...argv) => run(argv, { SIGNALBOX_URL: `http://127.0.0.1:${port}/`, SIGNALBOX_TOKEN: api.operator });
}

/** What a command that succeeds prints as JSON. */
export async function json(said: Promise<Said>): Promise<Readonly<Record<string, string>>> {
  const { code, out, err } = await said;
  assert.deepEqual([code, err], [0, ""]);
  return JSON.parse(out) as Readonly<Record<string, string>>;
}
