import { hashKey, MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError, tenantChosen } from "./client.ts";

/** What the page has read, and how it is read. */

/** Asked again only when that may help: a refusal stays one. */
function mayRetry(failures: number, error: Error): boolean {
  return failures < 2 && error instanceof ApiError && (error.code === "offline" || error.status >= 500);
}

/** The session has ended: the layout asks for a login. */
function onError(error: Error): void {
  if (error instanceof ApiError && error.status === 401) queries.setQueryData(["session"], null);
}

/** What is known is of the tenant in which it was asked; who is logged in is of none. */
function hashInTenant(key: readonly unknown[]): string {
  return hashKey(key[0] === "session" ? key : [tenantChosen() ?? "", ...key]);
}

export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  // A server on this machine or beside it is reached when the browser holds itself to be offline.
  defaultOptions: {
    queries: { queryKeyHashFn: hashInTenant, retry: mayRetry, staleTime: 5_000, networkMode: "always" },
    mutations: { retry: false, networkMode: "always" },
  },
});
