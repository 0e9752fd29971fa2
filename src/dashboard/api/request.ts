import { hashKey, type UseMutationOptions, type UseMutationResult, useMutation } from "@tanstack/react-query";
import { useRef } from "react";

interface RequestOptions<Data, Input, Context> extends UseMutationOptions<Data, Error, Input, Context> {
  /** Of a button in each row: requests for different inputs may be under way at once. */
  readonly alongside?: boolean;
}

/**
 * A request that the user makes: by a button, or Enter. While it is under way another does nothing. A disabled button does not see to that: the
 * second click of a double click comes before the button is drawn disabled.
 */
export function useRequest<Data = unknown, Input = void, Context = unknown>({
  alongside = false,
  ...options
}: RequestOptions<Data, Input, Context>): UseMutationResult<Data, Error, Input, Context> {
  const underWay = useRef(new Map<string, Promise<Data>>());
  const mutation = useMutation<Data, Error, Input, Context>(options);
  const mutateAsync: typeof mutation.mutateAsync = (...given) => {
    const key = alongside ? hashKey([given[0]]) : "";
    const before = underWay.current.get(key);
    if (before !== undefined) return before;
    const sent = mutation.mutateAsync(...given).finally(() => underWay.current.delete(key));
    underWay.current.set(key, sent);
    return sent;
  };
  // It is told by the state.
  const mutate: typeof mutation.mutate = (...given) => void mutateAsync(...given).catch(() => undefined);
  return { ...mutation, mutate, mutateAsync };
}
