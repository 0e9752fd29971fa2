/** Apps and functions as developers make them, through the API. */
import assert from "node:assert/strict";
import { type Answer, type ApiOptions, type Asking, type TestApi, testApi } from "./api.ts";

/** That of the documented examples. */
export const app = { name: "User Management", slug: "user-management" } as const;
export const functionsPath = `/api/apps/${app.slug}/functions/`;
export const allowing = "export default () => true;";

export interface MadeFunction {
  readonly id: number;
  readonly path: string;
  readonly data: Answer["data"];
}

export async function makeApp(api: TestApi, body: unknown = { name: app.name }, asking: Asking = {}): Promise<void> {
  const made = await api.ask("POST", "/api/apps/", body, asking);
  assert.equal(made.status, 201, made.text);
}

/** By default in the app of the examples. */
export async function makeFunction(
  api: TestApi,
  body: Readonly<Record<string, unknown>> = {},
  asking: Asking & { readonly app?: string } = {},
): Promise<MadeFunction> {
  const path = `/api/apps/${asking.app ?? app.slug}/functions/`;
  const made = await api.ask("POST", path, { name: "Validate User Data", code: allowing, ...body }, asking);
  assert.equal(made.status, 201, made.text);
  return { id: Number(made.data["id"]), path: `${path}${String(made.data["slug"])}/`, data: made.data };
}

/** An API with one function, in the app of the examples. */
export async function apiWithFunction(
  body: Readonly<Record<string, unknown>> = {},
  options: ApiOptions = {},
): Promise<MadeFunction & { readonly api: TestApi } & AsyncDisposable> {
  const api = await testApi(options);
  await makeApp(api);
  const made = await makeFunction(api, body);
  return { api, ...made, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}
