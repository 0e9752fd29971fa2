import { parseArgs } from "node:util";
import { guarded } from "../domain/plain-text.ts";
import { asError } from "../errors.ts";
import type { Terminal } from "./run.ts";

const help = `Ask a server whether it accepts work.

  signalbox health [--timeout-ms <number>]

Exit code 0 when it does, 1 when it does not or does not answer. Needs no token. Asks the API at SIGNALBOX_URL, or else where a server with
the settings of this environment listens (SIGNALBOX_HOST, SIGNALBOX_PORT). For the health check of a container.

  --timeout-ms <number>  How long to wait for the answer; default 5000`;

/** Resolves with the exit code; never rejects. */
export async function runHealth(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { env, out, err, fetch } = guarded(terminal);
  try {
    const options = { "timeout-ms": { type: "string" }, help: { type: "boolean" } } as const;
    const { values } = parseArgs({ args: [...argv], options });
    if (values.help === true) {
      out(help);
      return 0;
    }
    const timeoutMs = Number(values["timeout-ms"] ?? 5_000);
    if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1)
      throw new Error("--timeout-ms: must be a whole number above 0");
    const url = urlOf(env);
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(timeoutMs) }).catch((thrown: unknown) => {
      const { cause, message } = asError(thrown);
      throw new Error(`no answer from ${url}: ${cause === undefined ? message : asError(cause).message}`);
    });
    const said = messageOf(await answer.text());
    if (answer.ok) out(said);
    else err(`signalbox: ${said} (${answer.status})`);
    return answer.ok ? 0 : 1;
  } catch (thrown) {
    err(`signalbox: ${asError(thrown).message}`);
    return 1;
  }
}

function urlOf(env: Terminal["env"]): string {
  const given = env["SIGNALBOX_URL"];
  if (given !== undefined && given !== "") return given.replace(/\/+$/, "");
  const host = env["SIGNALBOX_HOST"] || "127.0.0.1";
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${env["SIGNALBOX_PORT"] || "8080"}`;
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // Reported below.
  }
  return "what answers is not Signalbox";
}
