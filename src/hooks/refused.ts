import { type Denial, refusalText } from "../domain/verdict.ts";
import { type FieldError, SignalboxError } from "../errors.ts";
import type { HookFunction } from "./operation.ts";

/** A function that refused an operation. */
export interface Refused {
  readonly fn: HookFunction;
  /** The number of its run. */
  readonly invocation: number | null;
  readonly denial: Denial;
}

/**
 * What the caller of a refused operation is told: the message of the first refusal, the fields of all, and each of them under `data.refusals`.
 *
 * @param first the one that counts, by (priority, number).
 */
export function refused(eventType: string, first: Refused, all: readonly Refused[] = [first]): SignalboxError {
  const { code, message } = refusalText(first.denial, { functionName: first.fn.name, eventType });
  const fields = all.flatMap(({ denial }) => denial.fields ?? []);
  return new SignalboxError(code, message, {
    fields: fields.map(({ path, message: of }): FieldError => ({ path, message: of })),
    data: {
      ...functionData(first.fn),
      invocation_id: first.invocation,
      ...(first.denial.code === undefined ? {} : { code: first.denial.code }),
      fields,
      refusals: all.map(({ fn, invocation, denial }) => ({
        ...functionData(fn),
        invocation_id: invocation,
        message: denial.message,
        ...(denial.code === undefined ? {} : { code: denial.code }),
        fields: denial.fields ?? [],
      })),
    },
  });
}

export function functionData({ number, name, slug }: HookFunction): Readonly<Record<string, unknown>> {
  return { function_id: number, function_name: name, function_slug: slug };
}
