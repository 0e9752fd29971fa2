import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, type Seen } from "./client.ts";
import { useRequest } from "./request.ts";

/** An edit of something that others edit too: it is saved for the state that it was begun with, or its editor decides. */

interface EditOptions<Data, Draft, Saved> {
  /** Of the cache: the operation that reads it, and its params. */
  readonly queryKey: readonly unknown[];
  readonly look: (signal?: AbortSignal) => Promise<Seen<Data>>;
  /** Sends what the draft changes of what was opened. */
  readonly save: (draft: Draft, at: { readonly opened: Data; readonly ifMatch: string | undefined }) => Promise<Saved>;
  readonly onSaved: (saved: Saved, draft: Draft) => Promise<void> | void;
  /** Default: it is read at once. */
  readonly enabled?: boolean;
}

/** What came between. */
interface EditConflict<Data, Draft> {
  readonly draft: Draft;
  readonly theirs: Data;
  /** Name of a principal. */
  readonly by: string | null;
  readonly at: string | null;
}

export interface Edit<Data, Draft> {
  /** As it was when the edit began: what others do meanwhile takes no form away, and is not written over unseen. */
  readonly opened: ReturnType<typeof useQuery<Seen<Data>>>;
  /** Another one when the edit begins anew: key of the form. */
  readonly round: number;
  readonly isSaving: boolean;
  /** Why the last try was refused, unless that is the conflict. */
  readonly error: Error | null;
  readonly conflict: EditConflict<Data, Draft> | undefined;
  readonly save: (draft: Draft) => void;
  /** Saves over what came between; what the draft does not change stays. */
  readonly keepMine: () => void;
  /** Begins anew with what came between. */
  readonly takeTheirs: () => void;
  /** Back to the form, as it is. */
  readonly goOn: () => void;
  /** Ends the edit. */
  readonly forget: () => void;
}

/** Apart from what is shown, so that asking again for that changes no form. */
export function editKey(queryKey: readonly unknown[]): readonly unknown[] {
  return ["edited", ...queryKey];
}

export function useEdit<Data, Draft, Saved>(options: EditOptions<Data, Draft, Saved>): Edit<Data, Draft> {
  const { look, save, onSaved, enabled = true } = options;
  const queryKey = editKey(options.queryKey);
  const queries = useQueryClient();
  const [round, setRound] = useState(0);
  const [between, setBetween] = useState<{ readonly seen: Seen<Data> } & EditConflict<Data, Draft>>();
  const opened = useQuery({
    queryKey,
    queryFn: ({ signal }) => look(signal),
    enabled,
    // Never asked for again beneath the form, whatever else is: what would be saved then were others' edits undone, unseen.
    staleTime: "static",
    // One who comes back to it begins with what there is then.
    gcTime: 0,
  });
  const forget = (): void => {
    setBetween(undefined);
    saving.reset();
    queries.removeQueries({ queryKey });
  };
  const saving = useRequest({
    mutationFn: async ({ draft, ifMatch }: { readonly draft: Draft; readonly ifMatch: string | undefined }) => {
      if (opened.data === undefined) throw new Error("nothing was opened");
      try {
        return { kind: "saved", saved: await save(draft, { opened: opened.data.data, ifMatch }), draft } as const;
      } catch (thrown) {
        const who = editorOf(thrown);
        if (who === undefined) throw thrown;
        const seen = await look();
        return { kind: "between", between: { draft, seen, theirs: seen.data, ...who } } as const;
      }
    },
    onSuccess: async (came) => {
      if (came.kind === "between") return setBetween(came.between);
      forget();
      await onSaved(came.saved, came.draft);
    },
  });
  return {
    opened,
    round,
    isSaving: saving.isPending,
    error: saving.error,
    conflict: between,
    save: (draft) => saving.mutate({ draft, ifMatch: opened.data?.etag }),
    keepMine: () => {
      if (between !== undefined) saving.mutate({ draft: between.draft, ifMatch: between.seen.etag });
    },
    takeTheirs: () => {
      if (between !== undefined) queries.setQueryData(queryKey, between.seen);
      setBetween(undefined);
      setRound((before) => before + 1);
    },
    goOn: () => setBetween(undefined),
    forget,
  };
}

/** Who edited it meanwhile, by a refusal that says so. */
export function editorOf(thrown: unknown): { readonly by: string | null; readonly at: string | null } | undefined {
  if (!(thrown instanceof ApiError) || thrown.status !== 412) return undefined;
  const { changed_by: by, changed_at: at } = (thrown.data ?? {}) as Readonly<Record<string, unknown>>;
  return { by: typeof by === "string" ? by : null, at: typeof at === "string" ? at : null };
}
