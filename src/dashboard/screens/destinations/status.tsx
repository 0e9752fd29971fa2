import type { Destination } from "../../../client/operations.ts";
import { Row } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";

interface DestinationStatusProps {
  readonly destination: Pick<Destination, "alerts"> & { readonly users: number };
}

/** Whether anything goes there, and whether it says so when that fails. */
export function DestinationStatus({ destination: { users, alerts } }: DestinationStatusProps) {
  return (
    <Row>
      {users > 0 ? <Status tone="good">in use</Status> : <Status tone="quiet">unused</Status>}
      {!alerts && <Status tone="quiet">no alerts</Status>}
    </Row>
  );
}
