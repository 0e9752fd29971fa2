/**
 * Writes src/client/operations.ts: what may be asked of the API, as types, out of test/golden/openapi.json; and likewise
 * src/client/host-operations.ts of the host interface. A test holds the files to the documents.
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
  const idsOf = (is: (operation: Operation) => boolean): string => {
    const ids = operations.filter(({ operation }) => is(operation)).map(({ operation }) => operation.operationId);
    return `[${ids.map((id) => JSON.stringify(id)).join(", ")}]`;
  };
  return [
    "// Made by scripts/api-types.ts from the document of the interface.",
    "",
    ...names.map(([name, text]) => `export type ${name} = ${text};`),
    "",
    `/** What each operation takes and answers. */\nexport interface Operations {\n${shapes.join("\n")}\n}`,
    "",
    `/** Where each operation is. */\nexport const places = {\n${operations.map(({ operation, method, path }) => `  ${operation.operationId}: [${JSON.stringify(method)}, ${JSON.stringify(path)}],`).join("\n")}\n} as const satisfies Record<keyof Operations, readonly [string, string]>;`,
    "",
    `/** Those that take an \`Idempotency-Key\`. */\nexport const keyed = ${idsOf(takesKey)} as const satisfies readonly (keyof Operations)[];`,
    "",
    `/** Those whose answer is no JSON. */\nexport const raw = ${idsOf(answersBytes)} as const satisfies readonly (keyof Operations)[];`,
    "",
    `/** Those whose body is no JSON. */\nexport const uploads = ${idsOf(takesBytes)} as const satisfies readonly (keyof Operations)[];`,
    "",
  ].join("\n");
}

function takesKey({ parameters = [] }: Operation): boolean {
  return parameters.some(({ name, in: place }) => place === "header" && name === "idempotency-key");
}

function answersBytes({ responses }: Operation): boolean {
  const [answer] = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  return answer?.[1].content?.["application/json"] === undefined;
}

function takesBytes({ requestBody }: Operation): boolean {
  return requestBody !== undefined && requestBody.content["application/json"] === undefined;
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

/** Each module by the document that it is made of. */
export const modules: readonly (readonly [document: string, module: string])[] = [
  ["test/golden/openapi.json", "src/client/operations.ts"],
  ["test/golden/host-openapi.json", "src/client/host-operations.ts"],
];

if (import.meta.main) {
  const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
  for (const [document, module] of modules) {
    writeFileSync(at(module), operationsModule(JSON.parse(readFileSync(at(document), "utf8")) as ApiDocument));
  }
  const written = modules.map(([, module]) => at(module));
  execFileSync("npx", ["biome", "format", "--write", ...written], { stdio: "inherit" });
}
