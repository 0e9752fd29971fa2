import type { JsonSchema } from "../domain/catalog.ts";
import { type LightCheck, lightCheck } from "../domain/json-schema.ts";
import type { Params } from "../domain/lifecycle.ts";
import { fieldsWithin } from "../domain/path.ts";
import type { FieldError } from "../errors.ts";
import type { Users } from "../store/store.ts";
import type { Offload } from "./offload.ts";

/** What the attributes of a tenant's users must fit, where the tenant says so. */

/**
 * What is wrong with a user's attributes, by paths that begin with `attributes`.
 *
 * @throws SignalboxError `invalid_request` about `attributes` when they take too long to check; `too_many_requests`.
 */
export type AttributeCheck = (attributes: Params) => Promise<readonly FieldError[]>;

const anything: AttributeCheck = async () => [];

/** Schemas whose check is kept, at the most: making one takes longer than all the rest of creating a user. */
const keptChecks = 200;

interface Kept {
  readonly text: string;
  /** Absent where it takes so long to make that it is done in a thread. */
  readonly light: LightCheck | undefined;
}

interface AttributeSchemaPorts {
  readonly store: { readonly users: Pick<Users, "schema"> };
  readonly offload: Offload;
}

export class AttributeSchemas {
  readonly #users: Pick<Users, "schema">;
  readonly #offload: Offload;
  readonly #kept = new Map<string, Kept>();

  constructor({ store, offload }: AttributeSchemaPorts) {
    this.#users = store.users;
    this.#offload = offload;
  }

  /** As the tenant's schema is now. What takes more than a few milliseconds is done in a thread. */
  async of(tenant: string): Promise<AttributeCheck> {
    const schema = await this.#users.schema(tenant);
    if (schema === undefined) return anything;
    const { text, light } = this.#keep(tenant, schema);
    return async (attributes) => {
      const problems =
        light?.(attributes) ??
        (await this.#offload.run(tenant, {
          task: "checkValue",
          input: { schema: text, value: attributes },
          field: "attributes",
        }));
      return fieldsWithin("attributes", problems);
    };
  }

  #keep(tenant: string, schema: JsonSchema): Kept {
    const text = JSON.stringify(schema);
    const before = this.#kept.get(tenant);
    if (before?.text === text) return before;
    const kept: Kept = { text, light: lightCheck(schema) };
    if (this.#kept.size >= keptChecks) this.#kept.clear();
    this.#kept.set(tenant, kept);
    return kept;
  }
}
