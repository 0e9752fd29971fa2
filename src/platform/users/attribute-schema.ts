import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import type { JsonSchema } from "../../domain/catalog.ts";
import { fieldsText, fieldsWithin } from "../../domain/path.ts";
import { plainJson } from "../../domain/plain-json.ts";
import { schemaBytes, schemaDepth } from "../../domain/schema/inspect.ts";
import { type FieldError, SignalboxError } from "../../errors.ts";
import type { Offload } from "../../offload/offload.ts";
import { noted, userSchemaThing } from "../edits.ts";

/**
 * From now on the attributes that are said must fit the schema; `null`: they may be anything. Users who are there are not looked
 * at: what they have stays until it is changed.
 *
 * @throws SignalboxError `invalid_request` naming the place in a schema that cannot be used; `too_many_requests`.
 */
export async function putAttributeSchema(
  deps: Pick<Context, "publish" | "offload" | "clock">,
  caller: Principal,
  schema: JsonSchema | null,
): Promise<void> {
  const { tenant } = caller;
  const fields = schema === null ? [] : fieldsWithin("schema", await schemaProblems(deps.offload, tenant, schema));
  if (fields.length > 0) throw new SignalboxError("invalid_request", fieldsText(fields), { fields });
  const put = { do: "userSchema.put", tenant, schema } as const;
  await deps.publish({ changes: [put, noted(deps, caller, userSchemaThing(tenant))] });
}

async function schemaProblems(offload: Offload, tenant: string, schema: JsonSchema): Promise<readonly FieldError[]> {
  // What is far too large is refused before it is sent to a thread, which costs as much as reading it.
  const plain = plainJson(schema, { maxBytes: schemaBytes, maxDepth: schemaDepth });
  if (plain.kind === "refused") return plain.fields;
  return offload.run(tenant, { task: "checkAttributeSchema", input: { schema }, field: "schema" });
}
