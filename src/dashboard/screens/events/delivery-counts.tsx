import type { LoggedEvent } from "../../../client/operations.ts";
import { Row } from "../../parts/page.tsx";
import { Status, type Tone } from "../../parts/status.tsx";

const tones: Readonly<Record<"delivered" | "dead" | "waiting" | "paused", Tone>> = {
  delivered: "good",
  dead: "bad",
  waiting: "busy",
  paused: "quiet",
};

/** How the deliveries of an event stand. */
export function DeliveryCounts({ counts }: { readonly counts: LoggedEvent["deliveries"] }) {
  const some = (["delivered", "dead", "waiting", "paused"] as const).filter((status) => counts[status] > 0);
  if (some.length === 0) return <Status tone="quiet">no delivery</Status>;
  return (
    <Row>
      {some.map((status) => (
        <Status key={status} tone={tones[status]}>
          {`${counts[status].toLocaleString("en")}${counts.more ? "+" : ""} ${status}`}
        </Status>
      ))}
    </Row>
  );
}
