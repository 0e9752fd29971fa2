import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

/**
 * Which events the process is dispatching at this instant, for the process that starts after it has died of one of them. It is a small file that is
 * written without being flushed: the operating system keeps what a process wrote that was killed, and only the death of the machine
 * itself loses it, which no event is to blame for.
 */
export interface DispatchMarks extends Disposable {
  /** Those of the process before, which ended without clearing them. */
  readonly found: readonly Mark[];
  /** Says that these are being dispatched, until the returned function is called. */
  put(mark: Mark): () => void;
}

/** Events `from` to `to`, by sequence. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  /** How often a process has died while it was dispatching them. */
  readonly deaths: number;
}

const numbersOfMark = 3;
const bytesOfMark = 8 * numbersOfMark;
/** Marks at one time; what comes on top is not marked. */
const mostMarks = 64;

/** @param path of the file; made when there is none. */
export function dispatchMarks(path: string): DispatchMarks {
  const file = openSync(path, "a+", 0o600);
  const found = marksIn(readFileSync(file));
  closeSync(file);
  const open = openSync(path, "r+");
  const numbers = new Float64Array(mostMarks * numbersOfMark);
  const bytes = Buffer.from(numbers.buffer);
  const free = Array.from({ length: mostMarks }, (_, index) => mostMarks - 1 - index);
  const write = (slot: number, { from, to, deaths }: Mark): void => {
    numbers.set([from, to, deaths], slot * numbersOfMark);
    writeSync(open, bytes, slot * bytesOfMark, bytesOfMark, slot * bytesOfMark);
  };
  const none = { from: 0, to: 0, deaths: 0 };
  for (let slot = 0; slot < mostMarks; slot += 1) write(slot, none);
  fsyncSync(open);
  return {
    found,
    put: (mark) => {
      const slot = free.pop();
      if (slot === undefined) return () => {};
      write(slot, mark);
      return () => {
        write(slot, none);
        free.push(slot);
      };
    },
    [Symbol.dispose]: () => closeSync(open),
  };
}

/** Whatever is not a mark is none. */
function marksIn(bytes: Buffer): readonly Mark[] {
  const marks: Mark[] = [];
  for (let at = 0; at + bytesOfMark <= bytes.length; at += bytesOfMark) {
    const [from, to, deaths] = [0, 8, 16].map((offset) => bytes.readDoubleLE(at + offset));
    const whole = Number.isSafeInteger(from) && Number.isSafeInteger(to) && Number.isSafeInteger(deaths);
    if (!whole || from === undefined || to === undefined || deaths === undefined) continue;
    if (from > 0 && to >= from && deaths >= 0) marks.push({ from, to, deaths });
  }
  return marks;
}

/** For a process that keeps nothing. */
export const noMarks: DispatchMarks = { found: [], put: () => () => {}, [Symbol.dispose]: () => {} };
