import type { IncomingHttpHeaders } from "node:http";
import type { Principal } from "../../domain/access.ts";
import type { ResourceDeps } from "../../resources/deps.ts";
import type { ObjectPlace } from "../../resources/write-object.ts";
import type { Vault } from "../../vault.ts";
import type { Connections } from "../front/connections.ts";
import type { Answer, Exchange } from "./exchange.ts";

export type { Answer } from "./exchange.ts";

import type { S3Limits } from "./limits.ts";
import type { Verified } from "./wire/sigv4.ts";

/** What the S3 endpoint works with. */
export interface S3Deps extends ResourceDeps {
  /** Told who is known, so that outsiders do not take their place. */
  readonly connections: Connections;
  readonly vault: Pick<Vault, "open">;
  readonly limits: S3Limits;
  /** How long a write or delete waits for its hooks. */
  readonly hookChainMs: number;
  /** Whether reading an object's bytes raises `DOWNLOAD` on its file, at the cost of a commit for each read. */
  readonly downloadEvents: boolean;
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

/** Who changes objects here, by which way, and how long they wait for hooks. */
export function doing({ deps, exchange, principal }: Call): Omit<ObjectPlace, "bucket" | "key" | "precondition"> {
  return { principal, origin: "s3", chainMs: deps.hookChainMs, signal: exchange.whenGone };
}
