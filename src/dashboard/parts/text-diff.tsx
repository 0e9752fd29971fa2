import { Text } from "./text.tsx";
import styles from "./text-diff.module.css";

interface TextDiffProps {
  readonly label: string;
  readonly theirs: string;
  readonly mine: string;
}

/** More lines are counted, not shown. */
const mostLines = 200;

/** Two states of a text, line by line: what only one of them has, with some lines that both have around it. */
export function TextDiff({ label, theirs, mine }: TextDiffProps) {
  const lines = differingLines(theirs, mine);
  return (
    <ul className={styles["diff"]} aria-label={`${label}: theirs and yours`}>
      {lines.slice(0, mostLines).map(({ of, text }, index) => (
        <li key={`${of}${index}`} className={styles[of]}>
          <span className={styles["of"]}>{names[of]}</span>
          {text === "" ? <span className={styles["nothing"]}>nothing</span> : <Text mono>{text}</Text>}
        </li>
      ))}
      {lines.length > mostLines && <li>{lines.length - mostLines} more lines are not shown</li>}
    </ul>
  );
}

interface DiffLine {
  readonly of: "theirs" | "mine" | "both";
  readonly text: string;
}

const names = { theirs: "Theirs", mine: "Yours", both: "" };
const around = 2;

/** In the time that reading both takes: what begins and ends alike is left out, and all between counts as different. */
function differingLines(theirs: string, mine: string): readonly DiffLine[] {
  const [a, b] = [theirs.split("\n"), mine.split("\n")];
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const of = (name: DiffLine["of"], lines: readonly string[]): DiffLine[] => lines.map((text) => ({ of: name, text }));
  return [
    ...of("both", a.slice(Math.max(0, head - around), head)),
    ...of("theirs", a.slice(head, a.length - tail)),
    ...of("mine", b.slice(head, b.length - tail)),
    ...of("both", tail === 0 ? [] : a.slice(a.length - tail, Math.min(a.length, a.length - tail + around))),
  ];
}
