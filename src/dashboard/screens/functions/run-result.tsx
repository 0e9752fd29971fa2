import type { Invocation } from "../../../client/operations.ts";
import { Button } from "../../parts/button.tsx";
import { Fact, Facts, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Text, TextBlock } from "../../parts/text.tsx";
import { duration } from "../../parts/time.tsx";
import styles from "./functions.module.css";

/** What there is of every run, kept or not. */
export type Run = Pick<
  Invocation,
  | "status"
  | "verdict"
  | "result"
  | "error"
  | "duration_ms"
  | "queue_ms"
  | "cold_start_ms"
  | "logs"
  | "logs_cut"
  | "event_type"
>;

/** A place in code, from 1. */
export interface CodePlace {
  readonly line: number;
  readonly column: number;
}

interface RunResultProps {
  readonly run: Run;
  /** Leads to a place in the code that ran, where that is at hand. */
  readonly onPlace?: ((place: CodePlace) => void) | undefined;
}

/** How a run ended: verdict or result, error with its places, durations, logs. */
export function RunResult({ run, onPlace }: RunResultProps) {
  const { verdict, result, error, logs, logs_cut: isCut, duration_ms: ms, queue_ms: queued, cold_start_ms: cold } = run;
  return (
    <Stack>
      <Facts>
        <Fact name="Outcome">
          <Outcome run={run} />
        </Fact>
        {ms !== null && (
          <Fact name="Duration">
            {duration(ms)}
            {(cold ?? 0) > 0 && `, of it ${duration(cold ?? 0)} to start`}
            {(queued ?? 0) >= 1 && `, ${duration(queued ?? 0)} waiting`}
          </Fact>
        )}
      </Facts>
      {verdict !== null && <VerdictOf verdict={verdict} />}
      {error !== null && <ErrorOf error={error} onPlace={onPlace} />}
      {result !== null && verdict === null && (
        <TextBlock label="What it returned">{JSON.stringify(result, null, 2)}</TextBlock>
      )}
      <section aria-label="Logs">
        <h3>Logs</h3>
        {logs.length === 0 ? (
          <p className={styles["quiet"]}>It logged nothing.</p>
        ) : (
          <ol className={styles["logs"]}>
            {logs.map(({ at_ms: at, level, message }, index) => (
              <li key={index} data-level={level}>
                <span className={styles["at"]}>{`+${duration(at)}`}</span>
                <span className={styles["level"]}>{level}</span>
                <Text mono max={2_000}>
                  {message}
                </Text>
              </li>
            ))}
          </ol>
        )}
        {isCut && <p className={styles["quiet"]}>Some lines were too many, or too long.</p>}
      </section>
    </Stack>
  );
}

export function Outcome({ run }: { readonly run: Pick<Run, "status" | "verdict" | "error"> }) {
  const { status, verdict, error } = run;
  if (status === "pending") return <Status tone="busy">running</Status>;
  if (verdict?.decision === "deny") return <Status tone="warn">refused</Status>;
  if (status === "failed") return <Status tone="bad">{error === null ? "failed" : `failed: ${error.reason}`}</Status>;
  return <Status tone="good">{verdict === null ? "succeeded" : "allowed"}</Status>;
}

function VerdictOf({ verdict }: { readonly verdict: NonNullable<Run["verdict"]> }) {
  const { message, patch, fields = [], notes = [] } = verdict;
  return (
    <section aria-label="Verdict">
      {message !== undefined && (
        <p>
          <Text max={600}>{message}</Text>
        </p>
      )}
      {fields.map(({ path, message: about }) => (
        <p key={path}>
          <Text mono>{path}</Text>: <Text max={400}>{about}</Text>
        </p>
      ))}
      {patch !== undefined && <TextBlock label="What it changes">{JSON.stringify(patch, null, 2)}</TextBlock>}
      {notes.map((note) => (
        <p key={note}>
          <Text max={400}>{note}</Text>
        </p>
      ))}
    </section>
  );
}

interface ErrorProps {
  readonly error: NonNullable<Run["error"]>;
  readonly onPlace: RunResultProps["onPlace"];
}

function ErrorOf({ error, onPlace }: ErrorProps) {
  const places = onPlace === undefined ? [] : placesIn(error.stack ?? "");
  return (
    <section aria-label="Error">
      <p className={styles["error"]}>
        <Text>{error.name}</Text>: <Text max={1_000}>{error.message}</Text>
      </p>
      {places.length > 0 && (
        <p className={styles["places"]}>
          {places.map((place) => (
            <Button key={`${place.line}:${place.column}`} onClick={() => onPlace?.(place)}>
              {`Line ${place.line}, column ${place.column}`}
            </Button>
          ))}
        </p>
      )}
      {error.stack !== null && <TextBlock label="Stack">{error.stack}</TextBlock>}
    </section>
  );
}

const mostPlaces = 5;

/** Each once, the innermost first. */
function placesIn(stack: string): readonly CodePlace[] {
  const found = new Map<string, CodePlace>();
  for (const [, line = "", column = ""] of stack.matchAll(/\.[jt]s:(\d+):(\d+)/g)) {
    if (found.size < mostPlaces) found.set(`${line}:${column}`, { line: Number(line), column: Number(column) });
  }
  return [...found.values()];
}
