import type { ReactNode } from "react";
import type { Health } from "../../../client/operations.ts";
import { Fact } from "../../parts/page.tsx";
import { reasonText } from "../../parts/reason.ts";
import { Status, type Tone } from "../../parts/status.tsx";
import { duration, Time } from "../../parts/time.tsx";
import styles from "./health.module.css";

/** How a subscription fares: in a word, in a line, and in figures. */

const tones: Readonly<Record<Health["state"], Tone>> = {
  ok: "good",
  slow: "warn",
  failing: "bad",
  paused: "bad",
  disabled: "quiet",
  unconfirmed: "warn",
  complete: "quiet",
  failed: "bad",
};

export function HealthStatus({ health: { state } }: { readonly health: Health }) {
  return <Status tone={tones[state]}>{state}</Status>;
}

/** In a list. */
export function ListedHealth({ health }: { readonly health: Health }) {
  const { waiting, dead } = health;
  return (
    <>
      <HealthStatus health={health} />{" "}
      <span className={styles["piece"]}>
        <HealthReason health={health} />
      </span>{" "}
      {waiting > 0 && <span className={styles["piece"]}>{openFigure(waiting)} waiting </span>}
      {dead > 0 && <span className={styles["piece"]}>{openFigure(dead)} dead</span>}
    </>
  );
}

/** Why it is in that state, where there is more to say. */
export function HealthReason({ health }: { readonly health: Health }): ReactNode {
  const { state, failures, failing_since: since, latency_ms: latency } = health;
  if (state === "slow" && latency !== null) return <>half take {duration(latency)} or more</>;
  if (failures === 0 || since === null) return null;
  return (
    <>
      <LastFailure health={health} />, {figure(failures)} in a row, the first <Time at={since} />
    </>
  );
}

function LastFailure({ health: { last_failure: failure } }: { readonly health: Health }): ReactNode {
  if (failure === null) return "–";
  return failure.status === null ? reasonText(failure.reason) : `HTTP ${failure.status}`;
}

/** What is counted for one subscription is counted no further. */
const mostCounted = 10_000;

export function openFigure(value: number): string {
  return `${figure(value)}${value === mostCounted ? " or more" : ""}`;
}

export function figure(value: number): string {
  return value.toLocaleString("en");
}

/** Below others. */
export function HealthFacts({ health }: { readonly health: Health }) {
  const {
    waiting,
    dead,
    oldest_waiting_at: oldest,
    last_acknowledged_at: acknowledged,
    last_failure: failure,
  } = health;
  return (
    <>
      <Fact name="Waiting">
        {openFigure(waiting)}
        {oldest !== null && (
          <>
            , the oldest event <Time at={oldest} />
          </>
        )}
      </Fact>
      <Fact name="Dead letters">{openFigure(dead)}</Fact>
      <Fact name="Last acknowledged">{acknowledged === null ? "never" : <Time at={acknowledged} />}</Fact>
      <Fact name="Last failure">
        {failure === null ? (
          "never"
        ) : (
          <>
            <Time at={failure.at} />: <LastFailure health={health} />
          </>
        )}
      </Fact>
      <Fact name="Attempts per minute">{figure(health.attempts_per_minute)}</Fact>
      <Fact name="Usually takes">{health.latency_ms === null ? "–" : duration(health.latency_ms)}</Fact>
    </>
  );
}
