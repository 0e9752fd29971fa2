import type { Principal } from "../../../domain/access.ts";
import { defined } from "../../../domain/defined.ts";
import { SignalboxError } from "../../../errors.ts";
import { judgeHost } from "../../../platform/access/host-tokens.ts";
import type { PublishResult } from "../../../platform/host/answer.ts";
import { inTheirWords, type Received, type ReceivedEvent, renamed } from "../../../platform/host/receive.ts";
import { PublishedEvent } from "../../library/event.ts";
import type { HostContext } from "../context.ts";
import { attributeHeader } from "./binary.ts";
import type { CloudEvents } from "./forms.ts";

type Publishing = Pick<HostContext, "library" | "catalog">;

/**
 * Events that are published once each; a PRE event starts its hooks every time that it is sent, and is not remembered: of one that is
 * asked about again no answer must read as if nothing refused it.
 *
 * @throws SignalboxError of what is wrong, by the names that it has in the form in which they came.
 */
export async function publishCloudEvents(
  context: Publishing,
  caller: Principal,
  { form, rows }: CloudEvents,
): Promise<readonly Received[] | PublishResult> {
  try {
    const [first] = rows;
    const isPre = first !== undefined && context.catalog.get(first.said.type)?.phase === "pre";
    if (form !== "batch" && isPre) return await inTheirWords(() => startHooks(context, caller, first.said));
    return await context.library.receiveAll({
      tenant: caller.tenant,
      rows,
      judge: (needs) => judgeHost(caller, needs),
    });
  } catch (thrown) {
    throw form === "binary" && thrown instanceof SignalboxError ? renamed(thrown, attributeHeader) : thrown;
  }
}

function startHooks(
  { library }: Publishing,
  caller: Principal,
  { type, subject: resource, user, data }: ReceivedEvent,
): Promise<PublishResult> {
  judgeHost(caller, { eventType: type });
  const event = new PublishedEvent({ event_type: type, params: data as object });
  return library.publishEvent({ tenant: caller.tenant, event, options: defined({ user, resource }) });
}
