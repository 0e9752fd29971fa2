import type { Page } from "./page.ts";

/**
 * Names of bytes that lie outside, with more than one node or by another program than this one: which there are, and who still needs them. A name begins
 * with that of its body, {@link bodyDigits} long, so that several names share one body without a copy.
 *
 * A name goes: pending → used → unwanted → doomed → gone; one whose bytes did not come to be needed goes straight from pending to unwanted or doomed.
 * It is `pending` in a commit before the first byte is written, `used` in the commit that refers to it, `unwanted` once nothing refers to it. A name that
 * is doomed is never anything else again: so a body all of whose names are doomed can be deleted, whatever happens meanwhile.
 */
export interface BlobNames {
  /** Those in that state since before `beforeMs`, the oldest first. */
  since(
    query: { readonly state: Exclude<BlobState, "used">; readonly beforeMs: number },
    page: Page<Pick<BlobName, "sinceMs" | "name">>,
  ): Promise<BlobName[]>;
  /** Names that are used, in their order. */
  used(page: Page<string>): Promise<string[]>;
  /** Of each of `bodies` that has a name: whether all of its names are doomed. */
  doomed(bodies: readonly string[]): Promise<ReadonlyMap<string, boolean>>;
  /** Where the bytes lie that are referred to: under names that are registered here, in the data folder, or nowhere as there are none. */
  place(): Promise<"named" | "folder" | "none">;
}

type BlobState = "pending" | "used" | "unwanted" | "doomed";

/** Of a name, as many of the first digits as are its body's. */
export const bodyDigits = 28;

export interface BlobName {
  readonly name: string;
  /** Which node registered it. */
  readonly node: string;
  /** When it came into its state. */
  readonly sinceMs: number;
}

/** All of them are pending or used. */
export type BlobCondition = { readonly if: "blob.live"; readonly names: readonly string[] };

export type BlobChange =
  /** As pending. */
  | { readonly do: "blob.add"; readonly name: string; readonly node: string; readonly atMs: number }
  /** Those that are pending. */
  | { readonly do: "blob.used"; readonly names: readonly string[] }
  /** Those that are pending or used. */
  | { readonly do: "blob.unwanted"; readonly names: readonly string[]; readonly atMs: number }
  /** Those that are pending or unwanted, and that nothing refers to. */
  | { readonly do: "blob.doomed"; readonly names: readonly string[]; readonly atMs: number }
  /** Those that are doomed. */
  | { readonly do: "blob.forget"; readonly names: readonly string[] };
