import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { type Destination, targetTo } from "../../domain/destination.ts";
import { anyResource } from "../../domain/ids.ts";
import { defaultRetryPolicy } from "../../domain/retry.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { ForeignFormat } from "../../domain/webhook-format.ts";
import { freshUuid } from "../../platform/deps.ts";
import { type Tested, testRule } from "../trials.ts";

/** The bucket that a test of no bucket is of. */
const noBucket = "signalbox-test";

interface TestOf {
  readonly destination: Destination;
  /** Default: `signalbox-test`. */
  readonly bucket?: string;
  /** Default: as the destination has it. */
  readonly sentAs?: ForeignFormat;
}

/** Sends a marked test event of the objects face there now, once, as a rule would. Nothing is recorded and nothing is retried. */
export function testDestination(
  deps: Pick<Context, "clock" | "prepareTarget">,
  caller: Principal,
  { destination, bucket: name = noBucket, sentAs }: TestOf,
  signal: AbortSignal,
): Promise<Tested> {
  const { tenant, policy = defaultRetryPolicy, revision } = destination;
  const nowMs = deps.clock.now();
  const target = targetTo("objects", destination);
  // Of no subscription that there is: as one of the objects face would send.
  const subscription: Subscription = {
    uuid: freshUuid(deps.clock, "subscription"),
    number: 0,
    tenant,
    face: "objects",
    scope: anyResource,
    event: "*",
    target: { ...target, webhook: { ...target.webhook, ...defined({ sentAs }) } },
    policy,
    enabled: true,
    owner: caller.name,
    createdMs: nowMs,
    updatedMs: nowMs,
    fromRevision: revision,
    revision,
  };
  const bucket = { name, tenant, uuid: freshUuid(deps.clock, "bucket") };
  return testRule(deps, caller, { subscription, bucket }, signal);
}
