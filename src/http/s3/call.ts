import type { IncomingHttpHeaders } from "node:http";
import type { Principal } from "../../domain/access.ts";
import type { ResourceDeps } from "../../resources/deps.ts";
import type { Vault } from "../../vault.ts";
import type { Answer, Exchange } from "./exchange.ts";

export type { Answer } from "./exchange.ts";

import type { S3Limits } from "./limits.ts";
import type { Verified } from "./wire/sigv4.ts";

/** What the S3 endpoint works with. */
export interface S3Deps extends ResourceDeps {
  readonly vault: Pick<Vault, "open">;
  readonly limits: S3Limits;
  /** False while stopping: every request is answered 503 then. */
  readonly accepting: () => boolean;
}

/** One request whose sender is known. */
export interface Call {
  readonly deps: S3Deps;
  readonly exchange: Exchange;
  readonly principal: Principal;
  /** What the signature says of the body. */
  readonly auth: Pick<Verified<unknown>, "payload"> & Partial<Pick<Verified<unknown>, "chunkSigning">>;
  readonly query: URLSearchParams;
  /** Those of the request, and those that a presigned URL carries in its query. */
  readonly headers: IncomingHttpHeaders;
}

export interface BucketCall extends Call {
  readonly bucketName: string;
}

export interface ObjectCall extends BucketCall {
  readonly key: string;
}

export type Handler<C extends Call> = (call: C) => Promise<Answer>;

/** By which way objects change here: what events say. */
export const origin = "s3";
