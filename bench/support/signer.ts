import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";

/** What is asked of a server of S3. */
export interface Asked {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly path: string;
  /** Sorted and encoded, as it stands in the URL. */
  readonly query?: string;
  readonly body?: Buffer;
  /** The SHA-256 of the body in hex. */
  readonly bodyHash: string;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const region = "us-east-1";
const signedHeaders = "host;x-amz-content-sha256;x-amz-date";

/** Signs as an SDK does (Signature Version 4, in headers), without what an SDK costs: keys are derived once a day, and texts made once a second. */
export class Signer {
  readonly #host: string;
  readonly #credentials: Credentials;
  #second = 0;
  #time = "";
  #scope = "";
  #key: KeyObject | undefined;

  constructor(port: number, credentials: Credentials) {
    this.#host = `127.0.0.1:${port}`;
    this.#credentials = credentials;
  }

  /** Names and values in turn. */
  #headers({ method, path, query = "", bodyHash }: Asked): string[] {
    const key = this.#now();
    const canonical = `${method}\n${path}\n${query}\nhost:${this.#host}\nx-amz-content-sha256:${bodyHash}\nx-amz-date:${this.#time}\n\n${signedHeaders}\n${bodyHash}`;
    const text = `AWS4-HMAC-SHA256\n${this.#time}\n${this.#scope}\n${hash("sha256", canonical)}`;
    const signature = createHmac("sha256", key).update(text).digest("hex");
    const { accessKeyId } = this.#credentials;
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${this.#scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
    const content = ["x-amz-content-sha256", bodyHash, "x-amz-date", this.#time];
    return ["host", this.#host, ...content, "authorization", authorization];
  }

  /** The whole request as it goes on the wire. */
  written(asked: Asked): Buffer {
    const { method, path, query, body } = asked;
    const length = body === undefined ? [] : ["content-length", String(body.length)];
    const all = [...this.#headers(asked), ...length];
    let head = `${method} ${path}${query === undefined ? "" : `?${query}`} HTTP/1.1\r\n`;
    for (let index = 0; index < all.length; index += 2) head += `${all[index]}: ${all[index + 1]}\r\n`;
    return Buffer.concat([Buffer.from(`${head}\r\n`), body ?? Buffer.alloc(0)]);
  }

  #now(): KeyObject {
    const second = Math.floor(Date.now() / 1_000);
    if (this.#key !== undefined && second === this.#second) return this.#key;
    this.#second = second;
    this.#time = new Date(second * 1_000).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
    const day = this.#time.slice(0, 8);
    this.#scope = `${day}/${region}/s3/aws4_request`;
    const ofDay = hmac(`AWS4${this.#credentials.secretAccessKey}`, day);
    this.#key = createSecretKey(hmac(hmac(hmac(ofDay, region), "s3"), "aws4_request"));
    return this.#key;
  }
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
