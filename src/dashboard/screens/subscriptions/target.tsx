import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../../api/client.ts";
import type { Subscription } from "../../api/operations.ts";
import { FunctionName } from "../../parts/function-name.tsx";
import { Status, type Tone } from "../../parts/status.tsx";
import { Text } from "../../parts/text.tsx";

/** Where a subscription sends to, in a line. */
export function TargetText({ target }: Pick<Subscription, "target">) {
  switch (target.type) {
    case "webhook":
      return (
        <Text mono max={80}>
          {target.url}
        </Text>
      );
    case "email":
      return <Text max={80}>{target.address}</Text>;
    case "function":
      return <FunctionName id={target.function_id} />;
  }
}

interface SubscriptionNameProps {
  readonly id: string;
  /** Shown while it is not known where it sends to, or any more; its id when left out. */
  readonly or?: string;
}

/** Where the subscription with this id sends to. */
export function SubscriptionName({ id, or }: SubscriptionNameProps) {
  const known = useQuery({
    queryKey: ["getSubscription", id, "named"],
    queryFn: ({ signal }) => call("getSubscription", { params: { id } }, { signal }),
    staleTime: 60_000,
    retry: false,
  });
  if (known.data !== undefined) return <TargetText target={known.data.target} />;
  return (
    <Text mono max={or === undefined ? 16 : 80}>
      {or ?? id}
    </Text>
  );
}

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
