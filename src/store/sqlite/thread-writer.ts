import type { Worker } from "node:worker_threads";
import { SignalboxError } from "../../errors.ts";
import type { Writer } from "../sql/committer.ts";
import type { Reply, Request } from "../sql/requests.ts";
import {
  moving,
  type PackedReply,
  type PackedRequest,
  packRequest,
  unpackReply,
  type WriterData,
} from "./commit-message.ts";
import { giveBack } from "./writer-threads.ts";

/** The writer in a thread of its own: one packed message a group commit each way. */
export class ThreadWriter implements Writer {
  readonly #worker: Worker;
  readonly #answered: ((reply: Reply) => void)[] = [];
  #broke: (error: Error) => void = () => {};

  /** @param worker a thread that has nothing open; it is given back in the end. */
  constructor(worker: Worker, writer: WriterData) {
    this.#worker = worker;
    worker.on("message", (reply: PackedReply) => this.#answered.shift()?.(unpackReply(reply)));
    worker.on("error", (error) => this.#broke(error));
    worker.on("exit", () => this.#broke(new SignalboxError("unavailable", "the store is closed")));
    this.#post({ kind: "open", writer }, (reply) => {
      if (reply.kind === "failed") this.#broke(new Error(reply.message));
    });
  }

  send(request: Request, answered: (reply: Reply) => void): void {
    this.#post(packRequest(request), answered);
  }

  onBreak(broke: (error: Error) => void): void {
    this.#broke = broke;
  }

  close(): void {
    giveBack(this.#worker);
  }

  #post(packed: PackedRequest, answered: (reply: Reply) => void): void {
    this.#answered.push(answered);
    this.#worker.postMessage(packed, moving(packed));
  }
}
