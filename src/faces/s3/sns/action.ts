import { type Principal, roleReaches } from "../../../domain/access.ts";
import type { Destination } from "../../../domain/destination.ts";
import { shortened } from "../../../domain/plain-text.ts";
import { destinationArn, nameInArn } from "../../../subscriptions/s3-configuration/arn.ts";
import type { S3Context } from "../call.ts";
import type { XmlContent } from "../wire/xml-write.ts";
import { invalidParameter, SnsError } from "./errors.ts";
import type { Parameters } from "./request.ts";

/** An action whose sender is known. */
export interface Action {
  readonly context: S3Context;
  readonly principal: Principal;
  readonly parameters: Parameters;
}

/** What stands in the `<…Result>` of an answer; `undefined`: it has none. */
export type ActionResult = Readonly<Record<string, XmlContent>> | undefined;

/** @throws SnsError AuthorizationError for who may not change destinations. */
export function mayChange({ principal: { role } }: Action): void {
  if (roleReaches(role, "developer")) return;
  throw new SnsError("AuthorizationError", `this needs the role developer; yours is ${role}`);
}

/**
 * The topic whose ARN a parameter says.
 *
 * @throws SnsError InvalidParameter for what is no ARN of the tenant; NotFound, of actions on tags ResourceNotFound.
 */
export async function topicOf(
  { context, principal, parameters }: Action,
  parameter = "TopicArn",
): Promise<Destination> {
  const arn = parameters.need(parameter);
  const found = await context.store.destinations.get(principal.tenant, nameInParameter(principal, arn, parameter));
  if (found !== undefined) return found;
  throw new SnsError(
    parameter === "TopicArn" ? "NotFound" : "ResourceNotFound",
    `there is no topic ${shortened(arn, 200)}`,
  );
}

/** @throws SnsError InvalidParameter */
export function nameInParameter({ tenant }: Principal, arn: string, parameter: string): string {
  const name = nameInArn(tenant, arn);
  if (name !== undefined) return name;
  throw invalidParameter(parameter, `is the ARN of no topic of the tenant: ${destinationArn(tenant, "<name>")} is one`);
}
