import type { Attempt } from "../../../client/operations.ts";
import { SelectField } from "../../parts/field.tsx";
import { Card, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { duration, useClock } from "../../parts/time.tsx";
import { AttemptCard, answered } from "./attempt-detail.tsx";
import styles from "./attempts.module.css";

interface AttemptsProps {
  /** Of the delivery. */
  readonly id: string;
  /** The first first. */
  readonly attempts: readonly Attempt[];
  /** Numbers of the one that is shown, and of the one beside it. */
  readonly at: number | undefined;
  readonly beside: number | undefined;
  readonly onChoose: (numbers: { readonly at?: number; readonly beside?: number | undefined }) => void;
}

/** All attempts, one of them opened, and another beside it to compare. */
export function Attempts({ id, attempts, at, beside, onChoose }: AttemptsProps) {
  const clock = useClock();
  const last = attempts.at(-1);
  const open = attempts.find(({ number }) => number === at) ?? last;
  const other = attempts.find(({ number }) => number === beside && number !== open?.number);
  if (open === undefined) return <p>No attempt is recorded yet.</p>;
  return (
    <Stack>
      {attempts.length > 1 && (
        <Card title={`${attempts.length} attempts`}>
          <ol className={styles["attempts"]} aria-label="Attempts">
            {attempts.toReversed().map((one) => (
              <li key={one.number}>
                <button
                  type="button"
                  aria-current={one.number === open.number}
                  onClick={() => onChoose({ at: one.number })}
                >
                  <span>#{one.number}</span>
                  <time dateTime={one.started_at}>{clock(one.started_at)}</time>
                  <Status tone={one.reason === null ? "good" : "bad"}>
                    {one.reason === null ? "acknowledged" : "failed"}
                  </Status>
                  <span>{answered(one)}</span>
                  <span>{duration(one.duration_ms)}</span>
                </button>
              </li>
            ))}
          </ol>
          <div className={styles["compare"]}>
            <SelectField
              label={`Compare #${open.number} with`}
              value={String(other?.number ?? "")}
              options={[
                { value: "", label: "nothing" },
                ...attempts
                  .filter(({ number }) => number !== open.number)
                  .map(({ number }) => ({ value: String(number), label: `#${number}` })),
              ]}
              onValue={(value) => onChoose({ beside: value === "" ? undefined : Number(value) })}
            />
          </div>
        </Card>
      )}
      <div className={other === undefined ? undefined : styles["beside"]}>
        <AttemptCard key={open.number} id={id} attempt={open} />
        {other !== undefined && <AttemptCard key={other.number} id={id} attempt={other} />}
      </div>
    </Stack>
  );
}
