/** Functions that mean harm, and how each has to end. */

export interface Hostile {
  readonly what: string;
  readonly code: string;
  /** Of its invocation: one of these; none of them: it ends well, and has done no harm. */
  readonly reasons: readonly string[];
  /** `threw` is an error of its own, which refuses, and no failure. */
  readonly own?: boolean;
  /** Its own limit, where that is what ends it. */
  readonly timeoutMs?: number;
  /** Where the short form runs it. */
  readonly short: readonly ("hook" | "event")[];
}

/** Full with `ATTACK_ROUNDS`, which is how often figures are taken. */
export const rounds = Number(process.env["ATTACK_ROUNDS"] ?? 0);

export const inThisForm = (as: "hook" | "event"): readonly Hostile[] =>
  rounds > 0 ? hostile : hostile.filter(({ short }) => short.includes(as));

type Facts = Pick<Hostile, "reasons"> & Partial<Pick<Hostile, "own" | "timeoutMs" | "short">>;

/** A function with this body. */
export const bodied = (text: string): string => `export default async (event, { env, log, api }) => {\n${text}\n};`;

const doing = (what: string, text: string, facts: Facts): Hostile => ({
  what,
  code: bodied(text),
  short: [],
  ...facts,
});

const both = ["hook", "event"] as const;
const asHook = ["hook"] as const;
/** Lets go of the processor, so that what it does cannot be taken for a loop. */
export const tick = "await new Promise((go) => setTimeout(go, 0));";
/** What computes for long is seen as that when it has little of the processor. */
const stalledOr = (...others: readonly string[]): readonly string[] => ["stalled", ...others];
const stalled = ["stalled"];
/** Of what its own limit ends. A process has to be there before, also on a machine that is busy. */
const limitMs = 2_000;

const loops: readonly Hostile[] = [
  doing("loops", "for (;;);", { reasons: stalled, short: both }),
  doing("loops and catches all", "for (;;) try { for (;;) env.x.y; } catch {}", { reasons: stalled }),
  doing("loops in microtasks", "for (;;) await null;", { reasons: stalled, short: asHook }),
  doing("loops after an await", `${tick} for (;;);`, { reasons: stalled, short: asHook }),
  doing("loops in a timer", "setTimeout(() => { for (;;); }, 1); await new Promise((go) => setTimeout(go, 100));", {
    reasons: stalled,
  }),
  doing("lets a regular expression backtrack", '/^(a+)+$/.test("a".repeat(40) + "!");', {
    reasons: stalled,
    short: asHook,
  }),
  doing("loops while its answer is read", "return { get decision() { for (;;); } };", { reasons: stalled }),
  doing("loops while it is awaited", "return { then() { for (;;); } };", { reasons: stalled }),
  doing(
    "loops while its error is read",
    'throw Object.defineProperty(new Error("x"), "stack", { get() { for (;;); } });',
    { reasons: stalled },
  ),
  doing("computes for ever, with breaks", `for (;;) { for (let n = 0; n < 1e6; n += 1); ${tick} }`, {
    reasons: ["timeout"],
    timeoutMs: limitMs,
  }),
];

const bombs: readonly Hostile[] = [
  doing("fills the heap", `const all = []; for (;;) { all.push(new Array(1e6).fill(1.5)); ${tick} }`, {
    reasons: ["memory"],
    short: both,
  }),
  doing("fills the heap in a loop", "const all = []; for (;;) all.push(new Array(1e6).fill(1.5));", {
    reasons: stalledOr("memory", "crashed"),
  }),
  doing(
    "fills the heap bit by bit",
    `const all = []; for (;;) { for (let n = 0; n < 1e5; n += 1) all.push({ n }); ${tick} }`,
    { reasons: stalledOr("memory", "timeout"), timeoutMs: limitMs },
  ),
  doing("fills buffers", `const all = []; for (;;) { all.push(new Uint8Array(1e7).fill(1)); ${tick} }`, {
    reasons: ["memory"],
    short: asHook,
  }),
  doing("fills buffers in a loop", "const all = []; for (;;) all.push(new Uint8Array(1e7).fill(1));", {
    reasons: stalledOr("memory", "crashed", "threw"),
    own: true,
  }),
  doing(
    "fills the memory of WebAssembly",
    `const all = []; for (;;) { const { buffer } = new WebAssembly.Memory({ initial: 160 }); all.push(new Uint8Array(buffer).fill(1)); ${tick} }`,
    { reasons: ["memory"] },
  ),
  // What no engine survives: V8 ends its process (SIGTRAP).
  doing("splits a huge text", '"x".repeat(2 ** 28).split("");', {
    reasons: stalledOr("crashed", "memory"),
    short: both,
  }),
  doing("doubles a text", 'let text = "x"; for (;;) text += text;', { reasons: ["threw"], own: true, short: asHook }),
];

const floods: readonly Hostile[] = [
  doing("returns too much", 'return "x".repeat(1e7);', { reasons: ["bad_output"], short: both }),
  doing("returns more than fits into memory", 'return new Array(1e6).fill("x".repeat(1_000));', {
    reasons: stalledOr("bad_output", "memory", "crashed"),
  }),
  doing("returns a deep value", "let deep = {}; for (let n = 0; n < 1e5; n += 1) deep = { deep }; return deep;", {
    reasons: ["bad_output"],
    short: asHook,
  }),
  doing("returns a deep list", 'return { toJSON: () => JSON.parse("[".repeat(1_000) + "]".repeat(1_000)) };', {
    reasons: ["bad_output"],
    short: asHook,
  }),
  doing("throws too much", 'throw new Error("x".repeat(1e8));', {
    reasons: stalledOr("threw", "memory", "crashed"),
    own: true,
  }),
  doing("logs too many lines", 'for (let n = 0; n < 1e5; n += 1) log("line " + n);', { reasons: [], short: asHook }),
  doing("logs too long a line", 'log("x".repeat(1e8));', { reasons: [], short: asHook }),
  doing("logs for ever", `for (;;) { console.log("x".repeat(1e5)); ${tick} }`, {
    reasons: ["timeout"],
    timeoutMs: limitMs,
    short: both,
  }),
];

const hangs: readonly Hostile[] = [
  doing("never settles, with a timer", "setInterval(() => {}, 20); await new Promise(() => {});", {
    reasons: ["timeout"],
    timeoutMs: limitMs,
    short: both,
  }),
  // Seen at once, long before its limit.
  doing("never settles", "await new Promise(() => {});", { reasons: ["threw"], short: asHook }),
  doing("never settles, after a log line", 'log("wait"); await new Promise(() => {});', {
    reasons: ["threw", "timeout"],
    timeoutMs: limitMs,
  }),
  doing("blocks its thread", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);", {
    reasons: ["threw"],
    own: true,
    short: asHook,
  }),
  doing(
    "leaves loops behind",
    "setTimeout(() => { for (;;); }, 1); void (async () => { await new Promise((go) => setTimeout(go, 1)); for (;;); })();",
    { reasons: [], short: both },
  ),
];

const hostile: readonly Hostile[] = [...loops, ...bombs, ...floods, ...hangs];
