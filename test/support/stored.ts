import type { FilterText } from "../../src/domain/filter/index.ts";
import type { MailAddress } from "../../src/domain/mail-address.ts";
import type { WebhookUrl } from "../../src/domain/webhook-url.ts";

/** A text as a store hands it out: trusted to be what it is taken for. For tests that make records without the parsers of faces. */
export function stored(text: string): FilterText & MailAddress & WebhookUrl {
  return text as FilterText & MailAddress & WebhookUrl;
}
