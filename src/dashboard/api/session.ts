import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { type Answer, ApiError, call } from "./client.ts";

/** Who is logged in, in its own tenant. */
export type Self = Answer<"getSelf">;

export const SelfContext = createContext<Self | undefined>(undefined);

/** Who is logged in; only below the layout, which asks for a login first. */
export function useSelf(): Self {
  const self = useContext(SelfContext);
  if (self === undefined) throw new TypeError("there is no session here");
  return self;
}

export function useSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: async ({ signal }) => {
      try {
        return await call("getSelf", {}, { signal, atHome: true });
      } catch (thrown) {
        if (thrown instanceof ApiError && thrown.status === 401) return null;
        throw thrown;
      }
    },
    // A login in another tab counts here, too.
    staleTime: ({ state }) => (state.data === null ? 0 : 60_000),
  });
}

const ranks = ["operator", "admin", "developer", "member"];

/** Whether the server lets this role do what `least` may: the page only hides what it would refuse. */
export function reaches({ role }: Pick<Self, "role">, least: "operator" | "admin" | "developer" | "member"): boolean {
  return ranks.indexOf(role) <= ranks.indexOf(least);
}
