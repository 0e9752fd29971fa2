/** Who last changed what callers can edit: what an `ETag` names, and what a request with `If-Match` is judged by. */

/** The last edit of a thing. */
export interface Edit {
  /** Another one at every edit, and never one that the thing had before. Visible ASCII without quotes. */
  readonly version: string;
  /** Name of the principal; absent when the host program did it. */
  readonly by?: string;
  readonly atMs: number;
}

export interface Edits {
  /**
   * @param thing the uuid of what has one; `platform/edits.ts` names the others.
   * @returns `undefined` for what was not edited since it was made, or since this is kept.
   */
  last(thing: string): Promise<Edit | undefined>;
}

/** That this is still its last edit. `null`: that there was none. */
export type EditCondition = { readonly if: "edit.is"; readonly thing: string; readonly version: string | null };

export type EditChange =
  | { readonly do: "edit.note"; readonly thing: string; readonly edit: Edit }
  /** It is gone. A subscription's and a grant's goes with it by itself, however that ended. */
  | { readonly do: "edit.end"; readonly thing: string };
