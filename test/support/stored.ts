import type { EventName } from "../../src/domain/event.ts";
import type { FilterText } from "../../src/domain/filter/index.ts";
import type { MailAddress } from "../../src/domain/mail-address.ts";
import type { WebhookUrl } from "../../src/domain/webhook-url.ts";

/** A text as a store hands it out: trusted to be what it is taken for. For tests that make records without the parsers of faces. */
export function stored(text: string): EventName & FilterText & MailAddress & WebhookUrl {
  return text as EventName & FilterText & MailAddress & WebhookUrl;
}
