/** What differs between two texts, as `diff -u` tells it. */

/** Lines around a change. */
const around = 3;
/** Texts that have less in common are shown as one replaced by the other: to find out more would take memory and time by its square. */
const mostEdits = 2_000;

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** Hunks without the lines that name the texts; empty when they are equal. */
export function unifiedDiff(before: string, after: string): string {
  const lines = edited(linesOf(before), linesOf(after));
  return hunksOf(lines)
    .map(([from, to]) => hunk(lines, from, to))
    .join("\n");
}

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  // A last line is a line, ended or not.
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/** All lines of both, in order. */
function edited(before: readonly string[], after: readonly string[]): readonly Line[] {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const signed = (sign: Line["sign"], texts: readonly string[]): Line[] => texts.map((text) => ({ sign, text }));
  const [a, b] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  return [
    ...signed(" ", before.slice(0, head)),
    ...(shortestEdit(a, b) ?? [...signed("-", a), ...signed("+", b)]),
    ...signed(" ", before.slice(before.length - tail)),
  ];
}

/** By Myers' algorithm: of each number of edits, how far one gets on each diagonal. `undefined` when it takes too many. */
function shortestEdit(a: readonly string[], b: readonly string[]): readonly Line[] | undefined {
  const rounds: Int32Array[] = [];
  let reached = new Int32Array(3);
  for (let edits = 0; edits <= Math.min(mostEdits, a.length + b.length); edits += 1) {
    const next = new Int32Array(2 * edits + 3);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = edits === 0 ? 0 : stepFrom(reached, { edits, diagonal });
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      next[diagonal + edits + 1] = x;
      if (x >= a.length && x - diagonal >= b.length) return walkedBack(rounds, a, b);
    }
    rounds.push(next);
    reached = next;
  }
  return undefined;
}

interface Place {
  readonly edits: number;
  readonly diagonal: number;
}

/** @param reached with one edit less: the diagonal `d` stands at `d + edits`. */
function isInserted(reached: Int32Array, { edits, diagonal }: Place): boolean {
  const at = diagonal + edits;
  return diagonal === -edits || (diagonal !== edits && (reached[at - 1] ?? 0) < (reached[at + 1] ?? 0));
}

function stepFrom(reached: Int32Array, place: Place): number {
  const at = place.diagonal + place.edits;
  return isInserted(reached, place) ? (reached[at + 1] ?? 0) : (reached[at - 1] ?? 0) + 1;
}

function walkedBack(rounds: readonly Int32Array[], a: readonly string[], b: readonly string[]): readonly Line[] {
  const lines: Line[] = [];
  let [x, y] = [a.length, b.length];
  const keep = (until: number): void => {
    for (; x > until; x -= 1, y -= 1) lines.push({ sign: " ", text: a[x - 1] ?? "" });
  };
  for (let edits = rounds.length; edits > 0; edits -= 1) {
    const reached = rounds[edits - 1] ?? new Int32Array(3);
    const place = { edits, diagonal: x - y };
    keep(stepFrom(reached, place));
    if (isInserted(reached, place)) {
      y -= 1;
      lines.push({ sign: "+", text: b[y] ?? "" });
    } else {
      x -= 1;
      lines.push({ sign: "-", text: a[x] ?? "" });
    }
  }
  keep(0);
  return lines.toReversed();
}

/** Where each begins and ends: changes with the lines around them. */
function hunksOf(lines: readonly Line[]): readonly (readonly [from: number, to: number])[] {
  const hunks: [number, number][] = [];
  for (const [at, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    const [from, to] = [Math.max(0, at - around), Math.min(lines.length, at + 1 + around)];
    const last = hunks.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else hunks.push([from, to]);
  }
  return hunks;
}

function hunk(lines: readonly Line[], from: number, to: number): string {
  const shown = lines.slice(from, to);
  const range = (without: Line["sign"]): string => {
    const before = lines.slice(0, from).filter(({ sign }) => sign !== without).length;
    const count = shown.filter(({ sign }) => sign !== without).length;
    return `${count === 0 ? before : before + 1},${count}`;
  };
  return [`@@ -${range("+")} +${range("-")} @@`, ...shown.map(({ sign, text }) => `${sign}${text}`)].join("\n");
}
