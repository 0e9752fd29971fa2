import type { FastifyInstance, FastifyRequest } from "fastify";
import { invalidField, SignalboxError } from "../../errors.ts";
import { jsonReader, type ReadJson } from "../json-body.ts";

/** Bodies of the notifications face: JSON, or forms, whose values are texts; a form may also bring the JSON as a file. */

const fileField = "fileToUpload";
const policyPrefix = "policy.";

/** In place of whatever would be read otherwise. */
export function readBodies(scope: FastifyInstance): void {
  const json = jsonReader(scope);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    ["application/json", "application/merge-patch+json"],
    { parseAs: "string" },
    (request: FastifyRequest, body: string) => json(request, body),
  );
  scope.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    async (_request: FastifyRequest, body: string) => {
      judgeFieldCount(countOf(body, "&") + 1);
      return fromFields(new URLSearchParams(body));
    },
  );
  scope.addContentTypeParser("multipart/form-data", { parseAs: "buffer" }, (request: FastifyRequest, body: Buffer) =>
    multipart(json, request, body),
  );
}

/** `policy.retryLimit=3` stands for `{"policy": {"retryLimit": "3"}}`. */
function fromFields(fields: Iterable<readonly [string, string]>): Readonly<Record<string, unknown>> {
  const own = new Map<string, unknown>();
  const policy = new Map<string, string>();
  for (const [name, value] of fields) {
    const isOfPolicy = name.toLowerCase().startsWith(policyPrefix);
    const [place, key] = isOfPolicy ? [policy, name.slice(policyPrefix.length)] : [own, name];
    if (place.has(key)) throw invalidField(name.slice(0, 64), "is given twice");
    place.set(key, value);
  }
  if (policy.size > 0) {
    if (own.has("policy")) throw invalidField("policy", "is given twice");
    own.set("policy", Object.fromEntries(policy));
  }
  // Not by assignment: a field may be called __proto__.
  return Object.fromEntries(own);
}

/** Several times what there is to be said. Taking a body apart costs by its fields: 15,000 took a tenth of a second, 500,000 took three. */
const mostFields = 256;

/** @throws SignalboxError `invalid_request` */
function judgeFieldCount(fields: number): void {
  if (fields > mostFields) {
    throw new SignalboxError(
      "invalid_request",
      `the body has more than ${mostFields} fields: send only those that are meant`,
    );
  }
}

/** No more than are needed to know that they are too many. */
function countOf(text: string | Buffer, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1 && count <= mostFields; at = text.indexOf(part, at + part.length))
    count += 1;
  return count;
}

async function multipart(json: ReadJson, request: FastifyRequest, body: Buffer): Promise<unknown> {
  const form = await formOf(request, body);
  const file = form.getAll(fileField);
  const rest = [...form].filter(([name]) => name !== fileField);
  const [first] = file;
  if (first === undefined) return fromFields(rest.map(([name, value]) => [name, textOf(name, value)]));
  if (file.length > 1) throw invalidField(fileField, "is given twice");
  const [other] = rest;
  if (other !== undefined) {
    throw invalidField(other[0].slice(0, 64), `must not stand beside ${fileField}, which says everything`);
  }
  return json(request, typeof first === "string" ? first : await first.text());
}

type Form = Awaited<ReturnType<Response["formData"]>>;

async function formOf(request: FastifyRequest, body: Buffer): Promise<Form> {
  const type = request.headers["content-type"] ?? "";
  const [, boundary] = /boundary="?([^";]{1,70})/i.exec(type) ?? [];
  // One before each part; that at the end counts as one.
  if (boundary !== undefined) judgeFieldCount(countOf(body, `--${boundary}`));
  try {
    return await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  } catch (cause) {
    throw new SignalboxError(
      "invalid_request",
      "the body is not multipart/form-data with the boundary that was named",
      {
        cause,
      },
    );
  }
}

function textOf(name: string, value: string | Blob): string {
  if (typeof value === "string") return value;
  throw invalidField(name.slice(0, 64), `must be a text; as a file only ${fileField} may come`);
}
