/**
 * Somebody else's client, on somebody else's machine: a process of its own that lets those of the machine at hand go first. Makes
 * users one after the other, at a pace that any client may have, for as long as its input is open. The address, the token and the
 * name come as arguments.
 */
import assert from "node:assert/strict";
import { setPriority } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

const [url = "", token = "", name = "", event = ""] = process.argv.slice(2);
/** At once, each the next one a moment after the one before was answered. */
const clients = 4;
const thinkMs = 25;
const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };

setPriority(10);
const over = new AbortController();
process.stdin.resume().once("end", () => over.abort());

async function client(number: number): Promise<void> {
  for (let made = 0; !over.signal.aborted; made += 1) {
    const username = `${name}-${process.pid}-${number}-${made}`;
    const body = JSON.stringify({ username, email: `${username}@example.com` });
    const { status } = await fetch(`${url}/api/cloud/users/`, { method: "POST", headers, body });
    // A hook may fail the users that it is for; a function that comes after them may not.
    assert.ok(event.startsWith("PRE_") || status === 201, `${status} for ${event}`);
    await pause(thinkMs);
  }
}

await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
