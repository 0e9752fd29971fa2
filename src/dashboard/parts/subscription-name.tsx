import { useQuery } from "@tanstack/react-query";
import type { Subscription } from "../../client/operations.ts";
import { call } from "../api/client.ts";
import { FunctionName } from "./function-name.tsx";
import { Text } from "./text.tsx";

/** Where a subscription sends to, in a line. */
export function TargetText({ target }: Pick<Subscription, "target">) {
  switch (target.type) {
    case "webhook":
      return (
        <Text mono max={80}>
          {target.url}
        </Text>
      );
    case "destination":
      return <Text max={80}>{target.name}</Text>;
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
