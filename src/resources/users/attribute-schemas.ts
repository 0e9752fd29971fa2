import type { JsonSchema } from "../../domain/catalog.ts";
import { checkSchema, compileSchema } from "../../domain/json-schema.ts";
import type { Params } from "../../domain/lifecycle.ts";
import { fieldsText, fieldsWithin } from "../../domain/path.ts";
import { type FieldError, SignalboxError } from "../../errors.ts";
import type { Publish } from "../../publish.ts";
import type { Users } from "../../store/store.ts";

/** What the attributes of a tenant's users must fit, where the tenant says so. */

/** What is wrong with a user's attributes, by paths that begin with `attributes`. */
export type AttributeCheck = (attributes: Params) => readonly FieldError[];

const anything: AttributeCheck = () => [];

/** Schemas whose check is kept, at the most: making one takes longer than all the rest of creating a user. */
const keptChecks = 200;

interface Kept {
  readonly text: string;
  readonly check: AttributeCheck;
}

export class AttributeSchemas {
  readonly #users: Pick<Users, "schema">;
  readonly #kept = new Map<string, Kept>();

  constructor(users: Pick<Users, "schema">) {
    this.#users = users;
  }

  /** As the tenant's schema is now. */
  async of(tenant: string): Promise<AttributeCheck> {
    const schema = await this.#users.schema(tenant);
    if (schema === undefined) return anything;
    const text = JSON.stringify(schema);
    const kept = this.#kept.get(tenant);
    if (kept?.text === text) return kept.check;
    const problems = compileSchema(schema);
    const check: AttributeCheck = (attributes) => fieldsWithin("attributes", problems(attributes));
    if (this.#kept.size >= keptChecks) this.#kept.clear();
    this.#kept.set(tenant, { text, check });
    return check;
  }
}

/**
 * From now on the attributes that are said must fit the schema; `null`: they may be anything. Users who are there are not looked
 * at: what they have stays until it is changed.
 *
 * @throws SignalboxError `invalid_request` naming the place in a schema that cannot be used.
 */
export async function putAttributeSchema(
  { publish }: { readonly publish: Publish },
  tenant: string,
  schema: JsonSchema | null,
): Promise<void> {
  const fields = schema === null ? [] : fieldsWithin("schema", checkSchema(schema));
  if (fields.length > 0) throw new SignalboxError("invalid_request", fieldsText(fields), { fields });
  await publish({ changes: [{ do: "userSchema.put", tenant, schema }] });
}
