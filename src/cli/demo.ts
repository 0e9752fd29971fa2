import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { guarded } from "../domain/plain-text.ts";

/** `signalbox demo`: the examples that come with the package. */

const examples = {
  demo: "the four stories: a server, an S3 client, receivers, and what happens between them",
  orders: "a program that runs Signalbox inside itself, until it is stopped",
  receiver: "a webhook receiver, until it is stopped; WEBHOOK_SECRET is the rule's signing secret",
} as const;

const help = `Run an example.

  signalbox demo [${Object.keys(examples).join("|")}]

${Object.entries(examples)
  .map(([name, about]) => `  ${name.padEnd(8)}  ${about}`)
  .join("\n")}`;

/** Where it is: TypeScript beside the sources, JavaScript in the published package. */
function programOf(name: string): string {
  const source = new URL(`../../examples/${name}/${name === "receiver" ? name : "main"}.ts`, import.meta.url);
  const isPackage = import.meta.url.endsWith(".js");
  const built = new URL(`../examples/${name}.js`, import.meta.url);
  return fileURLToPath(!isPackage && existsSync(source) ? source : built);
}

/** Resolves with the exit code of the example. */
export async function runDemo(
  argv: readonly string[],
  terminal: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Promise<number> {
  const { out, err } = guarded(terminal);
  const [name = "demo", ...rest] = argv;
  if (name === "--help") {
    out(help);
    return 0;
  }
  if (!Object.hasOwn(examples, name) || rest.length > 0) {
    err(`signalbox: there is no example '${[name, ...rest].join(" ")}'; there are ${Object.keys(examples).join(", ")}`);
    return 1;
  }
  const env = { ...process.env, SIGNALBOX_BIN: process.argv[1] };
  const child = spawn(process.execPath, [programOf(name)], { stdio: "inherit", env });
  // Both get a ^C in the terminal; other signals come to this process alone.
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on("SIGTERM", pass).on("SIGINT", () => {});
  const [code] = (await once(child, "close")) as [number | null];
  process.off("SIGTERM", pass);
  return code ?? 1;
}
