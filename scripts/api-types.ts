/**
 * Writes src/dashboard/api/operations.ts: what the dashboard may ask of the API, as types, out of test/golden/openapi.json. A test holds the
 * file to the document.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { typeText } from "../src/domain/schema/type-text.ts";

type Schema = Readonly<Record<string, unknown>>;

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: "path" | "query" | "header";
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The module's text, not formatted. */
export function operationsModule(document: ApiDocument): string {
  const operations = Object.entries(document.paths)
    .filter(([path]) => path.startsWith("/api/") || path.startsWith("/notifications/"))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    )
    .toSorted((a, b) => (a.operation.operationId < b.operation.operationId ? -1 : 1));
  const used = new Set<string>();
  const print = (schema: Schema): string => typeOf(schema, used);
  const shapes = operations.map(({ operation }) => {
    const { operationId, parameters = [], requestBody, responses } = operation;
    const of = (place: "path" | "query"): string => {
      const named = parameters.filter((parameter) => parameter.in === place);
      return `{ ${named.map(({ name, required, schema }) => `readonly ${key(name)}${required === true ? `: ${print(schema)}` : `?: ${print(schema)} | undefined`}`).join("; ")} }`;
    };
    const body = requestBody?.content["application/json"]?.schema;
    const [answer] = Object.entries(responses).filter(([status]) => status.startsWith("2"));
    const answered = answer?.[1].content?.["application/json"]?.schema;
    return `  readonly ${operationId}: { readonly params: ${of("path")}; readonly query: ${of("query")}; readonly body: ${body === undefined ? "undefined" : print(body)}; readonly answer: ${answered === undefined ? "undefined" : print(answered)} };`;
  });
  const known = new Map<string, string>();
  for (let size = -1; size !== used.size; ) {
    size = used.size;
    for (const name of used) {
      const schema = document.components.schemas[name];
      if (!known.has(name) && schema !== undefined) known.set(name, typeOf(schema, used));
    }
  }
  const names = [...known].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [
    "// Made by scripts/api-types.ts from the API's document.",
    "",
    ...names.map(([name, text]) => `export type ${name} = ${text};`),
    "",
    `/** What each operation takes and answers. */\nexport interface Operations {\n${shapes.join("\n")}\n}`,
    "",
    `/** Where each operation is. */\nexport const places = {\n${operations.map(({ operation, method, path }) => `  ${operation.operationId}: [${JSON.stringify(method)}, ${JSON.stringify(path)}],`).join("\n")}\n} as const satisfies Record<keyof Operations, readonly [string, string]>;`,
    "",
  ].join("\n");
}

function typeOf(schema: Schema, used: Set<string>): string {
  return typeText(schema, {
    refer: (reference) => {
      const name = reference.replace(/^.*\//, "");
      used.add(name);
      return name;
    },
  });
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

if (import.meta.main) {
  const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
  const target = at("src/dashboard/api/operations.ts");
  writeFileSync(
    target,
    operationsModule(JSON.parse(readFileSync(at("test/golden/openapi.json"), "utf8")) as ApiDocument),
  );
  execFileSync("npx", ["biome", "format", "--write", target], { stdio: "inherit" });
}
