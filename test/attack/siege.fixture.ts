/** An attacker's client, a process of its own: lays the siege that it is given as JSON for as long as its input is open. */
import { setPriority } from "node:os";
import { sieges } from "./sieges.ts";

const { name, ...at } = JSON.parse(process.argv[2] ?? "{}");
const over = new AbortController();
setPriority(10);
process.stdin.resume().once("end", () => {
  over.abort();
  // What has no end of its own is ended with the process.
  setTimeout(() => process.exit(0), 100);
});
await sieges.find((siege) => siege.name === name)?.lay({ ...at, signal: over.signal });
