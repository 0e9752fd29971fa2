import styles from "./status.module.css";

export type Tone = "good" | "warn" | "bad" | "quiet" | "busy";

const marks: Readonly<Record<Tone, string>> = { good: "✓", warn: "!", bad: "✗", quiet: "‖", busy: "…" };

/** A state as mark and word, never by colour alone. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <span className={`${styles["status"]} ${styles[tone]}`}>
      <span aria-hidden="true">{marks[tone]}</span>
      {children}
    </span>
  );
}
