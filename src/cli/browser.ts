import { spawn } from "node:child_process";
import process from "node:process";

/** How a person's own system opens an address, by platform. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  linux: ["xdg-open"],
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Tries to open the address in a browser, and does not wait for that. Where there is none, nothing happens. */
export function openInBrowser(url: string): void {
  const [program, ...before] = openers[process.platform] ?? [];
  if (program === undefined) return;
  const child = spawn(program, [...before, url], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
