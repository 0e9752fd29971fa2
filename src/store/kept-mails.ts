import type { Page } from "./page.ts";

/** Mails that were kept in place of being sent. */
export interface KeptMails {
  /** The newest first; `after` is a name, whose mail may be gone by now. */
  list(page: Page<string>): Promise<KeptMail[]>;
  /** By the id of the mail. */
  nameOf(id: string): Promise<string | undefined>;
  /** The mail as it would have been sent. */
  raw(name: string): Promise<string | undefined>;
}

export interface KeptMail {
  /** Unlike any other; of two mails, that of the later first try is the greater. */
  readonly name: string;
  readonly to: string;
  readonly subject: string;
  readonly dateMs: number;
  readonly bytes: number;
}

export interface NewKeptMail extends Omit<KeptMail, "bytes"> {
  /** The same on every try. */
  readonly id: string;
  /** Empty: not known. */
  readonly tenant: string;
  readonly raw: string;
}

/** When there are more, the oldest go: of a tenant its own, and in all those of the tenant that has most. */
export interface MostKeptMails {
  readonly inAll: number;
  readonly perTenant: { readonly mails: number; readonly bytes: number };
}

export const mostKeptMails: MostKeptMails = { inAll: 10_000, perTenant: { mails: 1_000, bytes: 64 * 2 ** 20 } };

/** Adds it, or replaces the one with its id, which keeps its name, tenant and date. */
export type KeptMailChange = { readonly do: "mail.keep"; readonly mail: NewKeptMail; readonly most: MostKeptMails };
