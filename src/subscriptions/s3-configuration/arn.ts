import type { Principal } from "../../domain/access.ts";
import { destinationName } from "../../domain/destination.ts";

/** How S3's notification configurations name a destination. */

export function destinationArn(tenant: Principal["tenant"], name: string): string {
  return `arn:signalbox:sns::${tenant}:${name}`;
}

const partition = /^(?:signalbox|minio|aws(?:-[a-z]+)*)$/;
const services: ReadonlySet<string> = new Set(["sns", "sqs", "lambda"]);
const longestArn = 1_024;

/**
 * The name of the destination that an ARN means; `undefined` for one that means none of this tenant.
 *
 * `arn:signalbox:<sns, sqs or lambda>:<any region>:<the tenant, or nothing>:<name>` in the first place. Also `arn:minio:sqs:<any
 * region>:<name>:webhook`, as tools of MinIO write it; and `arn:aws:…:<any region>:<any account>:<name>`, with `function:` before the name
 * of a function, for tools that know no other partition.
 */
export function nameInArn(tenant: Principal["tenant"], arn: string): string | undefined {
  if (arn.length > longestArn) return undefined;
  const [prefix, part = "", service = "", , account = "", ...rest] = arn.split(":");
  if (prefix !== "arn" || !partition.test(part) || !services.has(service)) return undefined;
  const name = nameIn({ part, service, account, rest });
  if (name === undefined || !destinationName.test(name)) return undefined;
  return part === "signalbox" && account !== "" && account !== tenant ? undefined : name;
}

interface Parts {
  readonly part: string;
  readonly service: string;
  readonly account: string;
  readonly rest: readonly string[];
}

function nameIn({ part, service, account, rest }: Parts): string | undefined {
  if (part === "minio") return rest.length === 1 && rest[0] === "webhook" ? account : undefined;
  if (service === "lambda") return rest.length === 2 && rest[0] === "function" ? rest[1] : undefined;
  return rest.length === 1 ? rest[0] : undefined;
}
