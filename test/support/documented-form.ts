/** Holds answers of routes against what is documented of them. */
import assert from "node:assert/strict";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { failureSchema, successSchema } from "../../src/faces/http/envelope.ts";
import type { Route } from "../../src/faces/http/route.ts";

/** Every answer is what the documentation says it is. */
export function checkForm(
  routes: readonly Route[],
  { method, path, status }: { readonly method: string; readonly path: string; readonly status: number },
  answer: unknown,
): void {
  const route = routes.find((candidate) => candidate.method === method && patternOf(candidate.path).test(path));
  const schema: TSchema | undefined =
    status >= 400 ? failureSchema : route?.verbatim === true ? route.data : route && successSchema(route.data);
  if (schema === undefined) return;
  const [error] = Value.Errors(schema, answer);
  assert.equal(error, undefined, `${method} ${path} answered ${JSON.stringify(answer)}`);
  if (status < 400) assert.equal(status, route?.status ?? 200, `${method} ${path}`);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\/$/, "").replaceAll(/:[^/]+/g, "[^/]+")}/?(\\?.*)?$`);
}
