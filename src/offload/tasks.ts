import { checkAttributeSchema } from "../domain/attribute-schema.ts";
import type { JsonSchema } from "../domain/catalog.ts";
import { eventTypeProblems } from "../domain/event-type-problems.ts";
import { compileSchema, type SchemaCheck } from "../domain/json-schema.ts";
import { compileRegex } from "../domain/patterns/regex.ts";
import type { TextTest } from "../domain/patterns/text-test.ts";
import { declaredSchemaLimits } from "../domain/prepared-event-type.ts";
import type { FieldError } from "../errors.ts";
import { Memo } from "./memo.ts";

/**
 * What threads of the pool can do: functions from one structured clone to another, without effects. Each bounds its own work and the
 * size of what it gives back; the time limit of `Offload.run` is for what a bound forgot.
 */
export const tasks = {
  /** What is wrong with a schema of attributes that a caller sent. */
  checkAttributeSchema: ({ schema }: { readonly schema: unknown }): readonly FieldError[] =>
    checkAttributeSchema(schema),
  /** What is wrong with an event type that is to be declared. */
  checkEventType: ({ definition }: { readonly definition: unknown }): readonly FieldError[] =>
    eventTypeProblems(definition, declaredSchemaLimits),
  /** What is wrong with a value, by a schema that was accepted: as JSON, so that one that was compiled is known again. */
  checkValue: ({ schema, value }: { readonly schema: string; readonly value: unknown }): readonly FieldError[] =>
    checks.get(schema)(value),
  /** Which of the texts a pattern that was accepted matches. Callers bound their product. */
  matchTexts: ({ pattern, texts }: { readonly pattern: string; readonly texts: readonly string[] }): boolean[] =>
    texts.map(tests.get(pattern)),
} as const;

const tests = new Memo<TextTest>(16, (pattern) => {
  const compiled = compileRegex(pattern, Number.POSITIVE_INFINITY);
  if (compiled.kind !== "ok") throw new TypeError("not a pattern");
  return compiled.test;
});
const checks = new Memo<SchemaCheck>(16, (schema) => compileSchema(JSON.parse(schema) as JsonSchema));

type OffloadedTasks = typeof tasks;
export type TaskName = keyof OffloadedTasks;
export type TaskInput<Name extends TaskName> = Parameters<OffloadedTasks[Name]>[0];
export type TaskOutput<Name extends TaskName> = ReturnType<OffloadedTasks[Name]>;
