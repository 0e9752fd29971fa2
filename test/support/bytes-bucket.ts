/** A bucket for the bytes of objects, in the S3 of a server of its own. */
import { join } from "node:path";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { credentials, type ServerProcess, serverProcess } from "./server-process.ts";

export const Bytes = "bytes";

/**
 * @param root a folder in which that server gets one of its own
 * @param host where it listens
 */
export async function bytesBucket(root: string, host = "127.0.0.1"): Promise<ServerProcess> {
  const server = await serverProcess({ folder: join(root, "bucket"), env: { SIGNALBOX_HOST: host } });
  await server.s3.send(new CreateBucketCommand({ Bucket: Bytes }));
  return server;
}

/** Settings of a server whose bytes lie below a prefix of it. @param s3Url where it is reached */
export function blobsEnv(prefix: string, s3Url: string): Record<string, string> {
  return {
    SIGNALBOX_BLOBS: `s3://${Bytes}/${prefix}?endpoint=${s3Url}`,
    SIGNALBOX_BLOBS_ACCESS_KEY_ID: credentials.accessKeyId,
    SIGNALBOX_BLOBS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}
