import type { FastifyInstance, FastifyRequest } from "fastify";
import { invalidField, SignalboxError } from "../../errors.ts";
import { judgeBytes, judgeCharset, judgeEncoded, judgeHeaders, textOfBody } from "../http/charset.ts";
import { jsonReader, type ReadJson } from "../http/json-body.ts";

/** Bodies of the notifications face: JSON, or forms, whose values are texts; a form may also bring the JSON as a file. */

const fileField = "fileToUpload";
const policyPrefix = "policy.";

/** In place of whatever would be read otherwise. */
export function readBodies(scope: FastifyInstance): void {
  const json = jsonReader(scope);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    ["application/json", "application/merge-patch+json"],
    { parseAs: "buffer" },
    async (request: FastifyRequest, body: Buffer) => json(request, textOfBody(body, request.headers)),
  );
  scope.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "buffer" },
    async (request: FastifyRequest, body: Buffer) => {
      judgeFieldCount(countOf(body, "&") + 1);
      const text = textOfBody(body, request.headers);
      judgeEncoded(body.toString("latin1"), "what the body's escapes (%) stand for is");
      return fromFields(new URLSearchParams(text));
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

/** Bytes of the headers of all parts together, many times what clients write. Taking a megabyte of them apart took a tenth of a second. */
const mostHeadBytes = 65_536;

/** @throws SignalboxError `invalid_request` */
function judgeHeads(body: Buffer, delimiter: string): void {
  let bytes = 0;
  for (let at = body.indexOf(delimiter); at !== -1; ) {
    const end = body.indexOf("\r\n\r\n", at);
    bytes += (end === -1 ? body.length : end) - at;
    const head = body.toString("latin1", at, end === -1 ? at : Math.min(end, at + mostHeadBytes));
    judgeCharset(/^content-type:(.*)$/im.exec(head)?.[1]);
    if (bytes > mostHeadBytes) {
      const message = `the headers of the body's parts have more than ${mostHeadBytes} bytes: a name is all they need`;
      throw new SignalboxError("invalid_request", message);
    }
    at = end === -1 ? -1 : body.indexOf(delimiter, end);
  }
}

async function multipart(json: ReadJson, request: FastifyRequest, body: Buffer): Promise<unknown> {
  judgeHeaders(request.headers);
  judgeBytes(body, "the body is");
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
  const [, quoted, bare] =
    /;\s*boundary=(?:"([^"\\]{1,70})"|([^\s";]{1,70}))/i.exec(request.headers["content-type"] ?? "") ?? [];
  const boundary = quoted ?? bare;
  // One before each part; that at the end counts as one.
  if (boundary !== undefined) {
    judgeFieldCount(countOf(body, `--${boundary}`));
    judgeHeads(body, `--${boundary}`);
  }
  try {
    // The boundary that was judged by, and no other that a header with several could be read to name.
    const headers = { "content-type": `multipart/form-data; boundary="${boundary ?? ""}"` };
    return await new Response(new Uint8Array(body), { headers }).formData();
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
