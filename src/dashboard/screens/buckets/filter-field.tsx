import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import { TextArea } from "../../parts/field.tsx";
import { Status } from "../../parts/status.tsx";
import { Text } from "../../parts/text.tsx";
import styles from "./filter-field.module.css";

interface FilterFieldProps {
  readonly bucket: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly error: string | undefined;
}

/** How many of the newest events a filter is held against while it is typed. */
const last = 100;
const typingMs = 300;

/** A filter, and what it makes of what happened lately in the bucket. */
export function FilterField({ bucket, value, onValue, error }: FilterFieldProps) {
  const settled = useSettled(value.trim());
  const check = useQuery({
    queryKey: ["checkFilter", bucket, settled],
    queryFn: ({ signal }) => call("checkFilter", { params: { bucket }, body: { filter: settled, last } }, { signal }),
    enabled: settled !== "",
    retry: false,
  });
  const wrong =
    check.error instanceof ApiError && check.error.code === "invalid_filter" ? check.error.message : undefined;
  return (
    <div className={styles["field"]}>
      <TextArea
        label="Filter"
        placeholder={'WHERE key REGEXP "^images/"'}
        value={value}
        onValue={onValue}
        error={error ?? (settled === "" ? undefined : wrong)}
        hint="Which objects' events are sent; empty for all. SQL-like: key, size, Event-Type, metadata and tags."
      />
      <div aria-live="polite">{settled !== "" && check.data !== undefined && <Checked data={check.data} />}</div>
    </div>
  );
}

function Checked({ data }: { readonly data: Awaited<ReturnType<typeof call<"checkFilter">>> }) {
  const { checks, matched, warnings = [] } = data;
  return (
    <>
      {warnings.map((warning) => (
        <p key={warning} className={styles["warning"]}>
          {warning}
        </p>
      ))}
      {checks.length === 0 ? (
        <p>Nothing has happened in this bucket yet that it could be checked against.</p>
      ) : (
        <details>
          <summary>
            Of the last {checks.length} {checks.length === 1 ? "event" : "events"} {matched}{" "}
            {matched === 1 ? "matches" : "match"}.
          </summary>
          <ul className={styles["checks"]}>
            {checks.slice(0, 20).map(({ event, matches, reasons }) => (
              <li key={event.event_id ?? event.key}>
                <Status tone={matches ? "good" : "quiet"}>{matches ? "matches" : "does not"}</Status> {event.event_name}{" "}
                <Text mono>{event.key}</Text>
                {!matches &&
                  reasons.map((reason) => (
                    <div key={reason}>
                      <Text max={400}>{reason}</Text>
                    </div>
                  ))}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** What is typed, once nothing was typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
