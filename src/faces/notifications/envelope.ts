import { type TSchema, Type } from "typebox";
import type { Json } from "../../domain/event.ts";
import type { SignalboxError } from "../../errors.ts";
import { packageVersion } from "../../version.ts";
import { failureSchema } from "../http/envelope.ts";
import type { ErrorForm } from "../http/errors.ts";
import { named } from "../http/named.ts";

/** The form of every answer of the notifications face: `{ status, message, version, result }`; errors add `code` and perhaps `fields`. */
export interface NotificationsForm extends ErrorForm {
  success(result: Json): Json;
}

export function notificationsForm(): NotificationsForm {
  const version = `${packageVersion}-signalbox`;
  return {
    bodies: "application/json, application/x-www-form-urlencoded or multipart/form-data",
    success: (result) => ({ status: "success", message: null, version, result }),
    bodyOf: (error) => ({ status: "error", message: error.message, version, result: null, ...codeOf(error) }),
  };
}

function codeOf({ code, fields }: SignalboxError) {
  return { code, ...(fields.length === 0 ? {} : { fields }) };
}

const version = Type.String({ description: "Of this server." });

export function successOf(result: TSchema): TSchema {
  return Type.Object({ status: Type.Literal("success"), message: Type.Null(), version, result });
}

export const errorSchema = named(
  "NotificationFailure",
  Type.Object({
    status: Type.Literal("error"),
    message: failureSchema.properties.message,
    version,
    result: Type.Null(),
    code: failureSchema.properties.code,
    fields: failureSchema.properties.fields,
  }),
);
