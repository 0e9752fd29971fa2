/** What is wrong with code, as the compiler and the sandbox tell it. */

export interface CodeProblem {
  /** An error keeps the code from being kept and run; a warning is about what will most likely go wrong when it runs. */
  readonly severity: "error" | "warning";
  /**
   * `size`, `text`, `syntax`, `import`, `load` (it throws while it is loaded, or has no function as its default export), `egress`, or the
   * compiler's own name of a warning (`equals-nan`).
   */
  readonly rule: string;
  readonly message: string;
  /** In the source, both from 1; absent where that is not known. Columns are counted in UTF-16 units. */
  readonly line?: number;
  readonly column?: number;
  /** Of the text that it is about, where that is known. */
  readonly length?: number;
  /** What more there is to know. */
  readonly hint?: string;
}

export const lineEnd = /\r\n|[\n\r\u2028\u2029]/;

const begins = /^(?=(?:✘ \[ERROR\]|▲ \[WARNING\]) )/m;
const longestText = 300;

/** What esbuild printed. It counts columns from 0 and in bytes. */
export function readMessages(source: string, printed: string): readonly CodeProblem[] {
  const lines = source.split(lineEnd);
  return printed
    .split(begins)
    .filter((block) => /^[✘▲]/.test(block))
    .flatMap((block) => readMessage(lines, block));
}

function readMessage(lines: readonly string[], block: string): CodeProblem[] {
  const [, kind, text = "", name] = /^\S+ \[(ERROR|WARNING)\] (.*?)(?: \[([a-z][a-z0-9-]*)\])?$/m.exec(block) ?? [];
  const [, line, bytes] = /^ {4}[^\s:]+:(\d+):(\d+):$/m.exec(block) ?? [];
  if (line === undefined) return [];
  const before = Buffer.from(lines[Number(line) - 1] ?? "").subarray(0, Number(bytes));
  const [, underline = ""] = /^ +╵ +(~+)$/m.exec(block) ?? [];
  // A text of its own with a place of its own comes after what it belongs to, two blanks in.
  const notes = [...block.matchAll(/^ {2}(\S.*)(?:\n\n {4}[^\s:]+:(\d+):\d+:)?$/gm)];
  const hint = notes.map(([, note = "", at]) => (at === undefined ? note : `${note.replace(/:$/, "")} (line ${at})`));
  return [
    {
      severity: kind === "ERROR" ? "error" : "warning",
      rule: kind === "ERROR" ? "syntax" : (name ?? "compiler"),
      message: text.slice(0, longestText),
      line: Number(line),
      column: before.toString().length + 1,
      ...(underline === "" ? {} : { length: underline.length }),
      ...(hint.length === 0 ? {} : { hint: hint.join(" ").slice(0, longestText) }),
    },
  ];
}
