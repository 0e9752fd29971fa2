/** Forms that a page sends, signed as the documents say, so that they share no mistake with the server. */
import { createHmac } from "node:crypto";
import type { Credentials } from "./s3.ts";

export type Fields = Readonly<Record<string, string>>;
export type Condition = Fields | readonly [string, string | number, string | number];

export interface FormToSign {
  readonly bucket: string;
  readonly fields: Fields;
  /** Beside one for the bucket and each of the fields, or with `bare` alone. */
  readonly conditions?: readonly Condition[];
  readonly bare?: boolean;
  readonly expires?: Date;
  /** Instead of the policy that comes of the rest. */
  readonly document?: unknown;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

function policyOf(form: FormToSign, fields: Fields): string {
  const own = [{ bucket: form.bucket }, ...Object.entries(fields).map(([name, value]) => ({ [name]: value }))];
  const conditions = [...(form.bare === true ? [] : own), ...(form.conditions ?? [])];
  const expiration = (form.expires ?? new Date(Date.now() + 60_000)).toISOString();
  return Buffer.from(JSON.stringify(form.document ?? { expiration, conditions })).toString("base64");
}

/** By Signature Version 4. */
export function signedForm({ accessKeyId, secretAccessKey }: Credentials, form: FormToSign): Fields {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const date = timestamp.slice(0, 8);
  const fields = {
    ...form.fields,
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": `${accessKeyId}/${date}/us-east-1/s3/aws4_request`,
    "x-amz-date": timestamp,
  };
  const policy = policyOf(form, fields);
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), "us-east-1"), "s3"), "aws4_request");
  return { ...fields, policy, "x-amz-signature": hmac(key, policy).toString("hex") };
}

/** By Signature Version 2. */
export function signedFormV2({ accessKeyId, secretAccessKey }: Credentials, form: FormToSign): Fields {
  const policy = policyOf(form, form.fields);
  const signature = createHmac("sha1", secretAccessKey).update(policy).digest("base64");
  return { ...form.fields, AWSAccessKeyId: accessKeyId, policy, signature };
}

/** As `fetch` of a browser sends it; redirects are not followed. */
export function submit(
  url: string,
  fields: Fields,
  file: { readonly content: string | Uint8Array<ArrayBuffer>; readonly name?: string; readonly type?: string },
  headers: Fields = {},
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const { content, name = "a.txt", type = "text/plain" } = file;
  form.append("file", new Blob([content], { type }), name);
  return fetch(url, { method: "POST", body: form, headers, redirect: "manual" });
}
