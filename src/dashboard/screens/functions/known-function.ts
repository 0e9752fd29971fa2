import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { AppFunction } from "../../../client/operations.ts";
import { type Seen, see } from "../../api/client.ts";
import { editKey, editorOf } from "../../api/edit.ts";
import { useRequest } from "../../api/request.ts";

/** A function as it is shown, with the name of that state: what is done to it is done for that. */

export type SeenFunction = Seen<AppFunction>;

export function functionKey(app: string, fn: string): readonly unknown[] {
  return ["getFunction", app, fn];
}

export function lookAtFunction(app: string, fn: string, signal?: AbortSignal): Promise<SeenFunction> {
  return see("getFunction", { params: { app, fn } }, { signal });
}

export function useKnownFunction(app: string, fn: string) {
  return useQuery({ queryKey: functionKey(app, fn), queryFn: ({ signal }) => lookAtFunction(app, fn, signal) });
}

interface FunctionChange<Input> {
  readonly change: (input: Input, at: { readonly ifMatch: string | undefined }) => Promise<SeenFunction>;
  readonly onDone?: () => Promise<void> | void;
}

/** A change of what is shown. When another came between, it is refused, and what came is shown. */
export function useFunctionChange<Input = void>(
  { app_slug: app, slug }: AppFunction,
  { change, onDone }: FunctionChange<Input>,
) {
  const queries = useQueryClient();
  const queryKey = functionKey(app, slug);
  return useRequest({
    mutationFn: async (input: Input) => {
      const ifMatch = queries.getQueryData<SeenFunction>(queryKey)?.etag;
      return { before: ifMatch, after: await change(input, { ifMatch }) };
    },
    onSuccess: async ({ before, after }) => {
      queries.setQueryData(queryKey, after);
      // A form beside it, begun with the same state, goes on from one's own change.
      const edited = editKey(queryKey);
      if (queries.getQueryData<SeenFunction>(edited)?.etag === before) queries.setQueryData(edited, after);
      await onDone?.();
    },
    onError: (error) => {
      if (editorOf(error) !== undefined) void queries.invalidateQueries({ queryKey });
    },
  });
}
