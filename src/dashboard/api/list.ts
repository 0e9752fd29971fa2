import { hashKey, type InfiniteData, useInfiniteQuery } from "@tanstack/react-query";
import type { Operations } from "../../client/operations.ts";
import { type Answer, call, type OperationName } from "./client.ts";

/** Names of the operations that answer pages. */
export type ListName = {
  [Name in OperationName]: Answer<Name> extends { readonly next_cursor?: string | undefined } ? Name : never;
}[OperationName];

interface ListOptions<Name extends ListName> {
  readonly params?: Operations[Name]["params"];
  readonly query?: Omit<Operations[Name]["query"], "cursor">;
  /** Asks again so often, perhaps by what is there; default never. */
  readonly refreshMs?: number | ((pages: readonly Answer<Name>[]) => number);
}

/** A list of the API, page by page as its reader asks for more. Keys of the cache begin with the operation's name. */
export function useList<Name extends ListName>(name: Name, { params, query, refreshMs }: ListOptions<Name> = {}) {
  return useInfiniteQuery<Answer<Name>, Error, InfiniteData<Answer<Name>>, readonly unknown[], string | undefined>({
    queryKey: [name, params ?? {}, query ?? {}],
    queryFn: ({ pageParam, signal }) =>
      call(
        name,
        {
          ...(params === undefined ? {} : { params }),
          query: { ...query, ...(pageParam === undefined ? {} : { cursor: pageParam }) },
        },
        { signal },
      ),
    initialPageParam: undefined,
    getNextPageParam: (page) => (page as { readonly next_cursor?: string }).next_cursor,
    // While another choice of the same things is on its way, the one before stays, dimmed.
    placeholderData: (before, of) => (hashKey([of?.queryKey[1]]) === hashKey([params ?? {}]) ? before : undefined),
    ...(refreshMs === undefined
      ? {}
      : {
          refetchInterval: ({ state }) =>
            typeof refreshMs === "number" ? refreshMs : refreshMs(state.data?.pages ?? []),
        }),
  });
}
