import styles from "./text.module.css";

/**
 * Text that came from outside: names, keys, payloads, answers. Characters that cannot be seen, or that turn the direction of what stands
 * beside them, are drawn as escapes, so that a name is read as what it is.
 */

/** Control, format, private and lone surrogate characters but for tab and line feed, and letters that are drawn as nothing. */
// oxlint-disable-next-line eslint/no-misleading-character-class -- letters that are drawn as nothing are what is looked for
const invisible = /[[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{3164}\u{ffa0}]--[\t\n]]/gv;

/** What is shown of `text`: its own characters, and escapes such as `\u202e` for those that hide. */
function visible(text: string): string {
  return text.replace(invisible, (found) => {
    const code = found.codePointAt(0) ?? 0;
    return code > 0xff_ff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

interface TextProps {
  readonly children: string;
  /** Longer ones lose their middle; all of it is in the tip. */
  readonly max?: number;
  readonly mono?: boolean;
}

export function Text({ children, max = 256, mono = false }: TextProps) {
  const text = visible(children);
  const short = cutMiddle(text, max);
  return (
    <bdi className={mono ? styles["mono"] : undefined} title={short === text ? undefined : text.slice(0, 4_096)}>
      {short}
    </bdi>
  );
}

/** Head and tail tell more than the head alone: of a key it is the end that differs. */
function cutMiddle(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = Math.ceil((max - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (max - 1 - head))}`;
}

interface BlockProps {
  readonly children: string;
  /** Said to screen readers. */
  readonly label: string;
  /** Characters that are shown; the rest is counted. */
  readonly max?: number;
}

/** A block of foreign text, as it is: digits and white space stay. */
export function TextBlock({ children, label, max = 262_144 }: BlockProps) {
  const shown = children.slice(0, max);
  return (
    <section aria-label={label}>
      <pre className={styles["block"]} tabIndex={0}>
        {visible(shown)}
      </pre>
      {children.length > max && <p>{`${(children.length - max).toLocaleString()} more characters are not shown`}</p>}
    </section>
  );
}
