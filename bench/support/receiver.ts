import { type ChildProcess, fork } from "node:child_process";

/** The sink, as the process that measures sees it. */
export class Receiver implements Disposable {
  readonly port: number;
  readonly #child: ChildProcess;
  #answered = 0;
  #told: (() => void) | undefined;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    child.on("message", (message: { readonly answered?: number }) => {
      this.#answered = message.answered ?? this.#answered;
      this.#told?.();
    });
  }

  static start(): Promise<Receiver> {
    const child = fork(new URL("./sink.ts", import.meta.url));
    return new Promise((resolve) => {
      child.once("message", (message: { readonly port: number }) => resolve(new Receiver(child, message.port)));
    });
  }

  /** Requests answered since it started. */
  get answered(): number {
    return this.#answered;
  }

  /** Resolves at the next news from it. */
  news(): Promise<void> {
    return new Promise((resolve) => {
      this.#told = resolve;
    });
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}
