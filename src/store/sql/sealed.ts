/** Everything in the database that was sealed with the key. What is new belongs here, or a change of the key would lose it. */

interface SealedPlace {
  /** What one of them is called, with the column that names it. */
  readonly noun: string;
  readonly name: string;
  readonly table: string;
  /** A unique column, by whose order they are gone through. */
  readonly key: string;
  /** The sealed text, or NULL. */
  readonly value: string;
  /** What `value` becomes: `?1` is the new text. */
  readonly assign: string;
  /** Where it was before a schema: who only looks at a folder of before leaves that as it is. */
  readonly before?: { readonly schema: number; readonly value: string };
}

export const sealedPlaces: readonly SealedPlace[] = [
  {
    noun: "access key",
    name: "id",
    table: "access_key",
    key: "id",
    value: "sealed_secret",
    assign: "sealed_secret = ?1",
  },
  {
    noun: "function",
    name: "uuid",
    table: "function",
    key: "number",
    value: "sealed_secrets",
    assign: "sealed_secrets = ?1",
  },
  {
    noun: "destination",
    name: "name",
    table: "destination",
    key: "number",
    value: "sealed",
    assign: "sealed = ?1",
  },
  {
    noun: "subscription",
    name: "uuid",
    table: "subscription",
    key: "number",
    value: "sealed",
    assign: "sealed = ?1",
    before: { schema: 18, value: "json_extract(target, '$.sealed')" },
  },
  {
    noun: "resolver",
    name: "tenant",
    table: "resolver",
    key: "tenant",
    value: "sealed",
    assign: "sealed = ?1",
  },
];

export const anySealed = `SELECT 1 WHERE ${sealedPlaces.map(({ table, value }) => `EXISTS (SELECT 1 FROM ${table} WHERE ${value} IS NOT NULL)`).join(" OR ")}`;
