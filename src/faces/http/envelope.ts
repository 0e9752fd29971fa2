import { type TSchema, Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import type { ErrorCode, FieldError } from "../../errors.ts";
import { named } from "./named.ts";

/** The form of every answer of our own API: `{ success, message, data }`; errors add `code` and perhaps `fields`. */

export interface ErrorBody {
  readonly success: false;
  readonly message: string;
  readonly code: ErrorCode;
  readonly fields?: readonly FieldError[];
  readonly data?: Readonly<Record<string, unknown>>;
}

interface EnvelopeFacts {
  readonly fields?: readonly FieldError[];
  readonly data?: ErrorBody["data"] | undefined;
}

export function failureBody(code: ErrorCode, message: string, { fields = [], data }: EnvelopeFacts = {}): ErrorBody {
  return {
    success: false,
    message,
    code,
    ...(fields.length === 0 ? {} : { fields }),
    ...defined({ data }),
  };
}

interface SuccessBody {
  readonly success: true;
  readonly message: string;
  readonly data: unknown;
}

export function success(message: string, data: unknown): SuccessBody {
  return { success: true, message, data };
}

export function successSchema(data: TSchema): TSchema {
  return Type.Object({ success: Type.Literal(true), message: Type.String(), data });
}

export const failureSchema = named(
  "Failure",
  Type.Object({
    success: Type.Literal(false),
    message: Type.String({ description: "For humans; may improve." }),
    code: Type.String({ description: "Stable: match on this." }),
    fields: Type.Optional(
      Type.Array(
        named(
          "FieldProblem",
          Type.Object({
            path: Type.String({ description: "Of the field, such as `backoff.schedule_ms[0]`." }),
            message: Type.String(),
          }),
        ),
      ),
    ),
    data: Type.Optional(
      Type.Object(
        {},
        {
          additionalProperties: true,
          description:
            "Of a hook's refusal: which hook, and why. Of `invalid_filter`: its `code`, `message`, `line`, `column`, `offset`, `length`, `expected` and `hint`. Of `precondition_failed` by `If-Match`: `changed_by`, `changed_at` and the present `etag`.",
        },
      ),
    ),
  }),
);
