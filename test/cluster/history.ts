/** What happened in a run of several nodes, as its clients and its receiver saw it: one line of JSON each, in the order in which it happened. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export type Happening =
  /** A client is about to ask for an event of a resource; all of `to` must hear of it. No two ask for the same one. */
  | { readonly what: "asked"; readonly event: string; readonly resource: string; readonly to: readonly string[] }
  /** With its sequence, where the answer has one. */
  | { readonly what: "acknowledged"; readonly event: string; readonly sequence?: string }
  /** It was answered that this was not done. */
  | { readonly what: "refused"; readonly event: string }
  /** A subscription for one event of any of these resources was acknowledged. */
  | { readonly what: "armed"; readonly subscription: string; readonly resources: readonly string[] }
  | {
      readonly what: "received";
      readonly event: string;
      readonly path: string;
      /** `webhook-id`: the same on each attempt. */
      readonly delivery: string;
      /** As it is sent: later events have texts that are greater. */
      readonly sequence: string;
      /** Whether the receiver has acknowledged it. */
      readonly thanked: boolean;
      /** The subscription for one event that it was for. */
      readonly subscription?: string;
    }
  | { readonly what: "hurt"; readonly who: string; readonly how: string }
  /** Who was hurt works again. */
  | { readonly what: "well"; readonly who: string };

export type Entry = Happening & { readonly atMs: number };

export class History implements Disposable {
  readonly file = join(mkdtempSync(join(tmpdir(), "signalbox-history-")), "history.jsonl");
  readonly entries: Entry[] = [];
  #isKept = false;

  note(happening: Happening): void {
    const entry = { atMs: Math.round(performance.now() * 10) / 10, ...happening };
    this.entries.push(entry);
    appendFileSync(this.file, `${JSON.stringify(entry)}\n`);
  }

  /** The file stays, to be looked at. */
  keep(): void {
    this.#isKept = true;
  }

  [Symbol.dispose](): void {
    if (!this.#isKept) rmSync(dirname(this.file), { recursive: true, force: true });
  }
}

export function readHistory(file: string): Entry[] {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Entry);
}
