import type { FieldError } from "../errors.ts";
import type { Params } from "./lifecycle.ts";

/** The event types of the lifecycle face: declared once, checked at each publish. */

/** `pre`: before an operation, which waits for every hook. `post`: after it, for who wants to know. */
export type Phase = "pre" | "post";

/** JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface EventTypeDefinition {
  /** 3–64 of `[A-Z0-9_]`, beginning with a letter. That of a pair: `PRE_<NAME>` and `POST_<NAME>`. */
  readonly name: string;
  readonly phase: Phase;
  /** The kind of resource that it is about: `user`, `object`, `order`. */
  readonly resource: string;
  /** One sentence. */
  readonly description?: string;
  /** Of the params, an object. */
  readonly schema: JsonSchema;
  /**
   * Paths (`card.number`) that are taken out before anything else is done: no function, log or store sees them. Each is one that the schema
   * names. What calls itself a password, secret, token or key is taken out in any case, at every depth.
   */
  readonly sensitive?: readonly string[];
  /** Paths of what is called like a secret and is none: `page.token`. They are not taken out. */
  readonly public?: readonly string[];
  /** Of a `pre` type: paths that hooks may change; `attributes.*` is all that lies below. */
  readonly changeable?: readonly string[];
}

/** What comes of checking params against their event type. */
export type Fit =
  | { readonly kind: "fits"; readonly params: Params }
  | { readonly kind: "unfit"; readonly message: string; readonly fields: readonly FieldError[] };

/** What a program may publish, and functions may subscribe to. */
export interface Catalog {
  /** The documented names first, then the other built-in ones, then those of the host in its order, then those in the store by name. */
  readonly names: readonly string[];
  get(name: string): EventTypeDefinition | undefined;
  /** Of a type that is in effect as it was declared in the store: the revision of that. */
  revisionOf(name: string): number | undefined;
  /**
   * The params without what is sensitive, checked against the schema.
   *
   * @throws SignalboxError `invalid_request` for an unknown type, with the list; for params that do not fit, with the fields
   * (`params.email`).
   */
  prepare(name: string, params: Params): Params;
  /** The same as an answer, for who goes on without what does not fit. */
  fit(name: string, params: Params): Fit;
  /** Compiles what is otherwise compiled with the first event of its type: the built-in types, one in each step of some milliseconds. */
  warm(): Generator<void, void, void>;
}
