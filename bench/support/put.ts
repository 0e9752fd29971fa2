import { createHash, createHmac } from "node:crypto";
import { Pool } from "undici";

const body = Buffer.alloc(1_024, "s");
const bodyHash = createHash("sha256").update(body).digest("hex");
const region = "us-east-1";

export interface PutOptions {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly connections: number;
}

export type Put = ((bucket: string, key: string) => Promise<void>) & AsyncDisposable;

/** A client that puts 1 KiB objects as an SDK does, with SigV4, without what an SDK costs. */
export function putter(endpoint: string, { accessKeyId, secretAccessKey, connections }: PutOptions): Put {
  const pool = new Pool(endpoint, { connections });
  const { host } = new URL(endpoint);
  const put = async (bucket: string, key: string): Promise<void> => {
    const time = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
    const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
    const path = `/${bucket}/${key}`;
    const signed = "host;x-amz-content-sha256;x-amz-date";
    const request = `PUT\n${path}\n\nhost:${host}\nx-amz-content-sha256:${bodyHash}\nx-amz-date:${time}\n\n${signed}\n${bodyHash}`;
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${createHash("sha256").update(request).digest("hex")}`;
    const signature = hmac(signingKey(secretAccessKey, time.slice(0, 8)), text).toString("hex");
    const answer = await pool.request({
      method: "PUT",
      path,
      headers: {
        "x-amz-content-sha256": bodyHash,
        "x-amz-date": time,
        authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
      },
      body,
    });
    if (answer.statusCode !== 200) throw new Error(`PUT ${path}: ${answer.statusCode} ${await answer.body.text()}`);
    await answer.body.dump();
  };
  return Object.assign(put, { [Symbol.asyncDispose]: () => pool.close() });
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

let known: { readonly id: string; readonly key: Buffer } | undefined;

function signingKey(secret: string, day: string): Buffer {
  const id = `${day}/${secret}`;
  if (known?.id !== id) known = { id, key: hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), "s3"), "aws4_request") };
  return known.key;
}
