import { useQuery } from "@tanstack/react-query";
import type { AppFunction } from "../../../client/operations.ts";
import { type Answer, call } from "../../api/client.ts";

export type Trigger = Answer<"getAppEvent">["subscribers"][number];

/** The events that a function is subscribed to, PRE before POST as the catalog has them. */
export function useTriggers({ app_slug: app, id }: Pick<AppFunction, "app_slug" | "id">) {
  return useQuery({
    queryKey: ["triggers", app, id],
    queryFn: async ({ signal }): Promise<readonly Trigger[]> => {
      const { events, subscriber_counts: counts } = await call("listAppEvents", { params: { app } }, { signal });
      const found: Trigger[] = [];
      for (const event of events) {
        if ((counts[event] ?? 0) === 0) continue;
        const { subscribers } = await call("getAppEvent", { params: { app, event } }, { signal });
        found.push(...subscribers.filter((one) => one.function_id === id));
      }
      return found;
    },
  });
}
