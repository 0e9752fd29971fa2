import type { Principal } from "../../domain/access.ts";

/** What S3's notification configurations call a destination. */
export function destinationArn(tenant: Principal["tenant"], name: string): string {
  return `arn:signalbox:sns::${tenant}:${name}`;
}
