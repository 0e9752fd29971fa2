import { Link } from "@tanstack/react-router";
import type { Subscription } from "../../../client/operations.ts";
import { Status, type Tone } from "../../parts/status.tsx";
import { TargetText } from "../../parts/subscription-name.tsx";
import { Text } from "../../parts/text.tsx";

interface TargetLinkProps {
  readonly subscription: Pick<Subscription, "id" | "target">;
  readonly tenant: string;
}

/** The same, leading to the subscription. */
export function TargetLink({ subscription: { id, target }, tenant }: TargetLinkProps) {
  return (
    <Link to="/t/$tenant/subscriptions/$id" params={{ tenant, id }}>
      <TargetText target={target} />
    </Link>
  );
}

interface DestinationLinkProps {
  readonly name: string;
  readonly tenant: string;
}

/** A destination's name, leading to it. */
export function DestinationLink({ name, tenant }: DestinationLinkProps) {
  return (
    <Link to="/t/$tenant/destinations/$name" params={{ tenant, name }}>
      <Text max={100}>{name}</Text>
    </Link>
  );
}

/** What the subscriptions of each face are about. */
export const about: Readonly<Record<Subscription["face"], string>> = {
  objects: "objects",
  notifications: "a resource",
  lifecycle: "operations",
};

export function EventName({ event }: Pick<Subscription, "event">) {
  return event === "*" ? "any" : <Text max={60}>{event}</Text>;
}

const tones: Readonly<Record<Subscription["status"], Tone>> = {
  active: "good",
  paused: "bad",
  inactive: "quiet",
  unconfirmed: "warn",
  complete: "quiet",
  failed: "bad",
};

export function SubscriptionStatus({ status }: Pick<Subscription, "status">) {
  return <Status tone={tones[status]}>{status}</Status>;
}
