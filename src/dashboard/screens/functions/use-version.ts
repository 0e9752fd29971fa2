import { useQuery } from "@tanstack/react-query";
import type { AppFunction } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";

/** A version with its code, which never changes. */
export function useVersion(fn: Pick<AppFunction, "app_slug" | "slug" | "uuid">, version: number | undefined) {
  return useQuery({
    queryKey: ["getFunctionVersion", fn.uuid, version],
    queryFn: ({ signal }) =>
      call("getFunctionVersion", { params: { app: fn.app_slug, fn: fn.slug, version: String(version) } }, { signal }),
    enabled: version !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
