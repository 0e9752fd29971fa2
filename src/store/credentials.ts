import type { Uuid } from "../domain/ids.ts";
import type { Page } from "./page.ts";
import type { AccessKey, KnownAccessKey, KnownToken, Token } from "./records.ts";

/** What principals show that they are who they are. */
export interface Credentials {
  /** With its principal; expired and revoked ones too: the caller judges. */
  tokenByHash(hash: string): Promise<KnownToken | undefined>;
  /** Newest first. */
  tokens(tenant: string, page: Page<Uuid>): Promise<KnownToken[]>;
  accessKey(id: string): Promise<KnownAccessKey | undefined>;
  /** By id; only those of one principal when `principal` is given. */
  accessKeys(query: { readonly tenant: string; readonly principal?: string }, page: Page<string>): Promise<AccessKey[]>;
}

export type CredentialCondition = { readonly if: "accessKey.absent"; readonly id: string };

export type CredentialChange =
  /** Adds or replaces (by uuid). */
  | { readonly do: "token.put"; readonly token: Token }
  | { readonly do: "token.revoke"; readonly tenant: string; readonly uuid: Uuid; readonly atMs: number }
  /** Adds or replaces (by id). */
  | { readonly do: "accessKey.put"; readonly key: AccessKey }
  | { readonly do: "accessKey.remove"; readonly tenant: string; readonly id: string };
