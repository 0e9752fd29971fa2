/** What the API needs of resource notifications, where nothing is sent. */
import { type Clock, sleep } from "../../src/clock.ts";
import { resourceKinds } from "../../src/domain/notifications/resource-kinds.ts";
import type { ApiDeps } from "../../src/faces/http/deps.ts";
import { mailLinks } from "../../src/mail/links.ts";

export function notificationsDeps(
  clock: Clock,
  publicUrl = "http://signalbox.example",
): Pick<ApiDeps, "kinds" | "mailLinks" | "keptMails" | "publicUrl" | "nextRecord"> {
  return {
    kinds: resourceKinds(),
    mailLinks: mailLinks({ keys: [new Uint8Array(32)], publicUrl: () => publicUrl, clock }),
    keptMails: undefined,
    publicUrl: () => publicUrl,
    nextRecord: (_place, ms, signal) => sleep(clock, ms, signal),
  };
}
