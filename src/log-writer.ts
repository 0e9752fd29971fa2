import { write, writeSync } from "node:fs";

/** What is kept for a reader that is slow. */
const mostWaitingChars = 2 ** 20;
/** A descriptor that does not block may take no more at the moment: it is asked again after this time. */
const busyMs = 50;
/** At the end of the process nothing else waits meanwhile, and it must end. */
const lastTries = 20;

type Fault = NodeJS.ErrnoException;

function isBusy(error: unknown): boolean {
  return ["EAGAIN", "EBUSY"].includes((error as Fault).code ?? "");
}

/**
 * Writes lines to a descriptor, in a thread of the system's, one piece after the other. It never waits for its reader: of one that does not read, a terminal
 * that is gone or a disk that is full, what cannot be written is left out and counted; the count comes with the next lines that can.
 */
export class LineWriter {
  readonly #fd: number;
  readonly #gap: (lines: number) => string;
  #waiting: string[] = [];
  #waitingChars = 0;
  #leftOut = 0;
  #isWriting = false;
  /** What is to be asked for again. */
  #refused: Buffer = Buffer.alloc(0);
  #finished: (() => void)[] = [];

  /** @param gap the line that says how many are left out. */
  constructor(fd: number, gap: (lines: number) => string) {
    this.#fd = fd;
    this.#gap = gap;
  }

  /** @param line with its line break. */
  write(line: string): void {
    if (this.#waitingChars >= mostWaitingChars) {
      this.#leftOut += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingChars += line.length;
    if (!this.#isWriting) this.#next();
  }

  /** Resolves when nothing waits to be written, with `true`, or after so long, with `false`. Never rejects. */
  finish(withinMs: number): Promise<boolean> {
    if (!this.#isWriting) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#finished.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  /** Writes what waits before it returns, as far as that is possible: for the end of a process, which has no other turn. */
  finishNow(): void {
    let rest: Buffer = Buffer.concat([this.#refused, this.#taken().bytes]);
    this.#refused = Buffer.alloc(0);
    for (let tries = 0; rest.length > 0 && tries < lastTries; ) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest));
      } catch (error) {
        if (!isBusy(error)) return;
        tries += 1;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, busyMs);
      }
    }
  }

  #taken(): { readonly bytes: Buffer; readonly lines: number } {
    const gap = this.#leftOut > 0 && this.#waiting.length > 0 ? [this.#gap(this.#leftOut)] : [];
    const taken = { bytes: Buffer.from([...this.#waiting, ...gap].join("")), lines: this.#waiting.length };
    if (gap.length > 0) this.#leftOut = 0;
    this.#waiting = [];
    this.#waitingChars = 0;
    return taken;
  }

  #next(): void {
    const { bytes, lines } = this.#taken();
    this.#isWriting = lines > 0;
    if (this.#isWriting) return this.#send(bytes, lines);
    for (const finished of this.#finished.splice(0)) finished();
  }

  #send(bytes: Buffer, lines: number): void {
    this.#refused = Buffer.alloc(0);
    write(this.#fd, bytes, (error, written) => {
      if (error !== null && isBusy(error)) {
        this.#refused = bytes;
        setTimeout(() => this.#send(bytes, lines), busyMs).unref();
        return;
      }
      if (error === null && written < bytes.length) return this.#send(bytes.subarray(written), lines);
      if (error !== null) this.#leftOut += lines;
      this.#next();
    });
  }
}
