import type { StoredPrincipal } from "./records.ts";

/** Whom tokens of issuers outside are for. */
export interface IssuerLinks {
  /** With its principal as it is now, one that was ended too: the caller judges. */
  bySubject(query: {
    readonly tenant: string;
    readonly issuer: string;
    readonly subject: string;
  }): Promise<KnownIssuerLink | undefined>;
  byPrincipal(tenant: string, principal: string): Promise<IssuerLink | undefined>;
}

/** A principal is one subject of one issuer at the most, and a subject one principal of a tenant. */
export interface IssuerLink {
  readonly tenant: string;
  /** As its tokens say (`iss`). */
  readonly issuer: string;
  /** The same of whom they are for (`sub`, unless the issuer has another claim for it). Never changes. */
  readonly subject: string;
  /** Name of the principal. */
  readonly principal: string;
  /** In seconds, when the newest token was issued that gave the principal its role; absent: tokens give none. */
  readonly issuedS?: number;
}

export interface KnownIssuerLink {
  readonly link: IssuerLink;
  readonly principal: StoredPrincipal;
}

export type IssuerLinkCondition =
  /** Neither the principal nor the subject is linked. */
  | {
      readonly if: "issuerLink.free";
      readonly tenant: string;
      readonly issuer: string;
      readonly subject: string;
      readonly principal: string;
    }
  /** The subject is linked to this principal, and its role is of that time. */
  | { readonly if: "issuerLink.is"; readonly link: IssuerLink };

export type IssuerLinkChange =
  /** Adds or replaces (by subject). */
  | { readonly do: "issuerLink.put"; readonly link: IssuerLink }
  /** With the sessions that rest on it. */
  | { readonly do: "issuerLink.remove"; readonly tenant: string; readonly principal: string };
