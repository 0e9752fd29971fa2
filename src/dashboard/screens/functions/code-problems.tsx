import { Button } from "../../parts/button.tsx";
import { Status } from "../../parts/status.tsx";
import { Text } from "../../parts/text.tsx";
import styles from "./functions.module.css";
import type { CodePlace } from "./run-result.tsx";
import type { useCodeCheck } from "./use-code-check.ts";

interface CodeProblemsProps {
  readonly check: ReturnType<typeof useCodeCheck>;
  readonly onPlace: (place: CodePlace) => void;
}

const most = 20;

/** What an upload would say of the code, with places that lead into it. */
export function CodeProblems({ check: { state, problems, error }, onPlace }: CodeProblemsProps) {
  return (
    <div aria-live="polite">
      {state === "checking" && <Status tone="busy">Checking</Status>}
      {state === "failed" && (
        <p>
          <Status tone="warn">Not checked</Status> <Text>{error instanceof Error ? error.message : ""}</Text>
        </p>
      )}
      {state === "ok" && problems.length === 0 && <Status tone="good">No problems</Status>}
      {problems.length > 0 && (
        <ul className={styles["problems"]} aria-label="Problems of the code">
          {problems.slice(0, most).map(({ severity, message, line, column, hint, rule }, index) => (
            <li key={index}>
              <Status tone={severity === "error" ? "bad" : "warn"}>{severity}</Status>
              {line !== null && (
                <Button onClick={() => onPlace({ line, column: column ?? 1 })}>{`${line}:${column ?? 1}`}</Button>
              )}
              <span>
                <Text max={600}>{message}</Text>{" "}
                {hint !== null && (
                  <span className={styles["quiet"]}>
                    <Text max={400}>{hint}</Text>
                  </span>
                )}{" "}
                <span className={styles["quiet"]}>({rule})</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
