import { beside, classOf, holding, op, type Program } from "./program.ts";

/**
 * Runs a {@link Program} over texts: as a deterministic automaton whose states are made as texts need them, up to a bound, and from
 * there on by following all threads at once. Either way a character costs at most one visit of each instruction, and a text
 * never more than program × length: re2js throws its states away when they are too many, and makes them anew, at 20 to 70 ns a visit.
 */
export class Machine {
  readonly #program: Program;
  readonly #mostBytes: number;
  /** 0 is not in use: a transition of 0 is not known yet. */
  readonly #states: (State | undefined)[] = [undefined];
  readonly #known = new Map<string, number>();
  /** Of states. */
  #bytes = 0;
  #full = false;

  /** @param mostBytes that its states may take, about. */
  constructor(program: Program, mostBytes: number) {
    this.#program = program;
    this.#mostBytes = mostBytes;
    this.#stateOf(Uint16Array.of(program.start), beside.edge);
  }

  /** What it keeps in memory, about. */
  get bytes(): number {
    return this.#program.bytes + this.#bytes;
  }

  /** Whether the text holds a match. */
  test(text: string): boolean {
    const place = this.#walk(text);
    if (typeof place === "boolean") return place;
    const steps = this.#follow(text, place, Number.POSITIVE_INFINITY);
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
    }
  }

  /** The same, yielding after about `visits` visits of instructions. */
  *inSteps(text: string, visits: number): Generator<void, boolean, void> {
    const place = this.#walk(text);
    if (typeof place === "boolean") return place;
    return yield* this.#follow(text, place, visits);
  }

  /** As far as states reach: the answer, or where they end. */
  #walk(text: string): boolean | Place {
    const program = this.#program;
    const { classes, latin1 } = program;
    const states = this.#states;
    let state = states[1];
    let index = 0;
    while (state !== undefined) {
      const ended = index >= text.length;
      const rune = ended ? 0 : text.charCodeAt(index);
      const wide = rune >= 0xd800 && rune < 0xdc00;
      const whole = wide ? (text.codePointAt(index) ?? rune) : rune;
      const cls = ended ? classes : whole < 256 ? (latin1[whole] ?? 0) : classOf(program, whole);
      const next = state.next[cls] || this.#extend(state, cls);
      if (next === unknown) return { state, index };
      if (next === matched) return true;
      if (next === never || ended) return false;
      state = states[next];
      index += whole > 0xffff ? 2 : 1;
    }
    return false;
  }

  /** Finds out where a class leads from a state. {@link unknown} when that would be one state too many. */
  #extend(state: State, cls: number): number {
    if (this.#full) return unknown;
    const program = this.#program;
    const threads = threadsOf(program);
    for (const pc of state.pcs) threads.now.add(pc);
    const hit = advance(program, threads, state.before, cls);
    threads.now.clear();
    let to: number = hit ? matched : never;
    if (!hit && cls < program.classes && (threads.next.size > 0 || !program.anchored)) {
      if (!program.anchored) threads.next.add(program.start);
      const kind = program.kinds[cls] ?? beside.other;
      to = this.#stateOf(threads.next.sorted(), kind);
    }
    threads.next.clear();
    state.next[cls] = to;
    return to;
  }

  #stateOf(pcs: Uint16Array, before: number): number {
    const key = `${before}${String.fromCharCode(...pcs)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const bytes = stateBytes + 4 * pcs.length + 2 * (this.#program.classes + 1);
    if (this.#bytes + bytes > this.#mostBytes && this.#states.length > 1) {
      this.#full = true;
      return unknown;
    }
    this.#bytes += bytes;
    const number = this.#states.push({ pcs, before, next: new Uint16Array(this.#program.classes + 1) }) - 1;
    this.#known.set(key, number);
    return number;
  }

  /** All threads at once, from where the states end. */
  *#follow(text: string, { state, index: from }: Place, visits: number): Generator<void, boolean, void> {
    const program = this.#program;
    const { kinds, classes, anchored, start } = program;
    // Of its own, since others may run while this one is interrupted.
    const threads = Number.isFinite(visits) ? new Threads(program.ops.length) : threadsOf(program);
    let left = visits;
    let before: number = state.before;
    for (const pc of state.pcs) threads.now.add(pc);
    let index = from;
    try {
      for (;;) {
        const ended = index >= text.length;
        const rune = ended ? 0 : (text.codePointAt(index) ?? 0);
        const cls = ended ? classes : classOf(program, rune);
        const hit = advance(program, threads, before, cls);
        if (hit || ended) return hit;
        left -= threads.now.size;
        if (!anchored) threads.next.add(start);
        else if (threads.next.size === 0) return false;
        threads.swap();
        before = kinds[cls] ?? beside.other;
        index += rune > 0xffff ? 2 : 1;
        if (left > 0) continue;
        yield;
        left = visits;
      }
    } finally {
      threads.now.clear();
      threads.next.clear();
    }
  }
}

const unknown = 0;
/** Transitions that need no state. */
const matched = 0xffff;
const never = 0xfffe;
/** An object, an entry of a map, two arrays and a string, without what these hold. */
const stateBytes = 400;

interface State {
  /** Where threads stand, before they go through forks and assertions. */
  readonly pcs: Uint16Array;
  /** What stands before them. */
  readonly before: number;
  readonly next: Uint16Array;
}

interface Place {
  readonly state: State;
  readonly index: number;
}

/** Instructions, each once, in the order of their coming. */
class PcSet {
  readonly list: Uint16Array;
  readonly #places: Uint16Array;
  size = 0;

  constructor(most: number) {
    this.list = new Uint16Array(most);
    this.#places = new Uint16Array(most);
  }

  add(pc: number): void {
    const place = this.#places[pc] ?? 0;
    if (place < this.size && this.list[place] === pc) return;
    this.#places[pc] = this.size;
    this.list[this.size] = pc;
    this.size += 1;
  }

  clear(): void {
    this.size = 0;
  }

  sorted(): Uint16Array {
    return this.list.slice(0, this.size).sort();
  }
}

class Threads {
  now: PcSet;
  next: PcSet;

  constructor(most: number) {
    this.now = new PcSet(most);
    this.next = new PcSet(most);
  }

  swap(): void {
    const { now } = this;
    now.clear();
    this.now = this.next;
    this.next = now;
  }
}

const commonSize = 1_024;
const common = new Threads(commonSize);

/** Room for threads: one for all programs of the usual size, in use only while a test runs without interruption. */
function threadsOf({ ops }: Program): Threads {
  return ops.length <= commonSize ? common : new Threads(ops.length);
}

/** Takes all threads of `now` over one character into `next`; true when one of them has matched before it. `now` is what was visited. */
function advance(program: Program, { now, next }: Threads, before: number, cls: number): boolean {
  const { ops, outs, args, kinds, classes, accepts } = program;
  const holds = holding(before, kinds[cls] ?? beside.other);
  const { list } = now;
  // The list grows while it is read.
  for (let index = 0; index < now.size; index += 1) {
    const pc = list[index] ?? 0;
    switch (ops[pc]) {
      case op.rune: {
        if (cls === classes) break;
        const bit = (args[pc] ?? 0) * classes + cls;
        if (((accepts[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0) next.add(outs[pc] ?? 0);
        break;
      }
      case op.fork:
        now.add(outs[pc] ?? 0);
        now.add(args[pc] ?? 0);
        break;
      case op.skip:
        now.add(outs[pc] ?? 0);
        break;
      case op.assert:
        if (((args[pc] ?? 0) & ~holds) === 0) now.add(outs[pc] ?? 0);
        break;
      case op.match:
        return true;
      default:
        break;
    }
  }
  return false;
}
