import { useMemo } from "react";
import type { Delivery } from "../../../client/operations.ts";
import { FunctionName } from "../../parts/function-name.tsx";
import { RowLink } from "../../parts/row-link.tsx";
import { Text } from "../../parts/text.tsx";
import { duration, useClock } from "../../parts/time.tsx";
import type { VirtualColumn } from "../../parts/virtual-row.tsx";
import { DeliveryStatus } from "./delivery-status.tsx";
import styles from "./rows.module.css";

/** Characters of a key that are always shown. */
const tailLength = 18;

/** What is shown of each delivery in a list. */
export function useDeliveryColumns(tenant: string): readonly VirtualColumn<Delivery>[] {
  const clock = useClock();
  return useMemo(
    () => [
      { name: "Status", width: "6.5rem", cell: ({ status }) => <DeliveryStatus status={status} /> },
      {
        name: "Time",
        width: "7.5rem",
        cell: ({ event }) => <time dateTime={event.time}>{clock(event.time)}</time>,
      },
      { name: "Event", width: "minmax(0, 12rem)", cell: ({ event }) => <Text max={64}>{event.name}</Text> },
      {
        name: "What",
        width: "minmax(0, 3fr)",
        wide: true,
        cell: ({ id, event }) => (
          <RowLink className={styles["what"]} path={`/t/${encodeURIComponent(tenant)}/deliveries/${id}`}>
            <Key>{event.key ?? event.resource}</Key>
          </RowLink>
        ),
      },
      { name: "To", width: "minmax(0, 2fr)", cell: (delivery) => <Receiver delivery={delivery} /> },
      { name: "Answer", width: "5.5rem", cell: ({ last_attempt: last }) => (last === null ? "–" : answerOf(last)) },
      { name: "Tries", width: "3rem", isNumber: true, cell: ({ attempt_count }) => attempt_count },
      {
        name: "Took",
        width: "4.5rem",
        isNumber: true,
        cell: ({ last_attempt: last }) => (last === null ? "–" : duration(last.duration_ms)),
      },
    ],
    [clock, tenant],
  );
}

function Receiver({ delivery: { function_id: fn, target } }: { readonly delivery: Delivery }) {
  return fn === null ? <Text max={64}>{target}</Text> : <FunctionName id={fn} />;
}

/** Its end stays in view, however narrow its place: it is by that that keys differ. */
function Key({ children }: { readonly children: string }) {
  const near = Math.max(0, children.length - tailLength);
  // Not between the halves of a character.
  const at = /^[\udc00-\udfff]/.test(children.slice(near)) ? near + 1 : near;
  return (
    <>
      <span className={styles["head"]}>
        <Text mono max={256}>
          {children.slice(0, at)}
        </Text>
      </span>
      <span className={styles["tail"]}>
        <Text mono>{children.slice(at)}</Text>
      </span>
    </>
  );
}

function answerOf({ status, reason }: NonNullable<Delivery["last_attempt"]>): string {
  return status === null ? (reason ?? "ok") : String(status);
}
