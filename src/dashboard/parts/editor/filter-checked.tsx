import type { Answer } from "../../api/client.ts";
import { Status } from "../status.tsx";
import { Text } from "../text.tsx";
import styles from "./editor.module.css";

/** More are counted, not shown. */
const mostShown = 20;

/** What a filter makes of the newest events, and why not. */
export function FilterChecked({ data }: { readonly data: Answer<"tryFilter"> }) {
  const { checks, matched, warnings = [] } = data;
  const missed = checks.filter(({ matches }) => !matches);
  const shown = [...missed, ...checks.filter(({ matches }) => matches)].slice(0, mostShown);
  return (
    <>
      {warnings.map((warning) => (
        <p key={warning} className={styles["warning"]}>
          <Text max={400}>{warning}</Text>
        </p>
      ))}
      {checks.length === 0 ? (
        <p className={styles["hint"]}>Nothing has happened there yet that it could be checked against.</p>
      ) : (
        <details>
          <summary>
            Of the last {checks.length} {checks.length === 1 ? "event" : "events"} {matched}{" "}
            {matched === 1 ? "matches" : "match"}.
          </summary>
          <ul className={styles["checks"]}>
            {shown.map(({ event, matches, reasons }, at) => (
              <li key={event.event_id ?? at}>
                <Status tone={matches ? "good" : "quiet"}>{matches ? "matches" : "does not"}</Status>{" "}
                {event.event_name !== null && <Text>{event.event_name}</Text>}{" "}
                <Text mono>{event.key ?? event.resource ?? ""}</Text>
                {reasons.map((reason) => (
                  <div key={reason} className={styles["reason"]}>
                    <Text max={400}>{reason}</Text>
                  </div>
                ))}
              </li>
            ))}
          </ul>
          {checks.length > shown.length && <p>{checks.length - shown.length} more are not shown.</p>}
        </details>
      )}
    </>
  );
}
