import { type ReactNode, useId } from "react";
import styles from "./progress.module.css";

interface ProgressProps {
  /** Of what. */
  readonly label: ReactNode;
  readonly value: number;
  readonly max: number;
  /** How far, in words: `3 MiB of 10 MiB`. */
  readonly children: ReactNode;
  /** What can be done about it. */
  readonly action?: ReactNode;
}

/** How far something long is. */
export function Progress({ label, value, max, children, action }: ProgressProps) {
  const id = useId();
  return (
    <div className={styles["progress"]}>
      <span id={id} className={styles["label"]}>
        {label}
      </span>
      <span className={styles["words"]}>{children}</span>
      {action}
      <progress aria-labelledby={id} value={value} max={Math.max(1, max)} />
    </div>
  );
}
