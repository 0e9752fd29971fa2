/** In the place of a tenant: all that have no resolver of their own. */
export const everyTenant = "*";

/** Where a platform says what became of operations that it began. */
export interface Resolver {
  /** Whose operations are asked about there; {@link everyTenant}: of all who have no other. */
  readonly tenant: string;
  readonly url: string;
  /** Its signing secrets. */
  readonly sealed: string;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface Resolvers {
  /** Of exactly that tenant, or of {@link everyTenant}. */
  get(tenant: string): Promise<Resolver | undefined>;
  /** Where operations of a tenant are asked about: at its own, or else at that of all. */
  of(tenant: string): Promise<Resolver | undefined>;
}

/** It was changed last at that instant; `undefined`: there is none. */
export interface ResolverCondition {
  readonly if: "resolver.unchanged";
  readonly tenant: string;
  readonly updatedMs: number | undefined;
}

export type ResolverChange =
  /**
   * Adds or replaces (by tenant) all but createdMs. Operations that could not be asked about, because there was none, are due to be asked
   * about from its `updatedMs` on.
   */
  | { readonly do: "resolver.put"; readonly resolver: Resolver }
  | { readonly do: "resolver.remove"; readonly tenant: string };
