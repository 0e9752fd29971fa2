import { Link } from "@tanstack/react-router";
import type { Delivery } from "../../../client/operations.ts";
import { Text } from "../../parts/text.tsx";

interface EventLinkProps {
  readonly delivery: Delivery;
  readonly tenant: string;
}

/** What a delivery is about; it leads to the delivery. */
export function EventLink({ delivery: { id, event }, tenant }: EventLinkProps) {
  return (
    <Link to="/t/$tenant/deliveries/$id" params={{ tenant, id }}>
      {event.name}{" "}
      {event.key !== null && (
        <Text mono max={80}>
          {event.key}
        </Text>
      )}
    </Link>
  );
}
