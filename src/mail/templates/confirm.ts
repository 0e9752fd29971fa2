import { field, shown, written } from "../body.ts";
import type { MailContext, TemplateResult } from "../template.ts";
import { oneLine } from "../text.ts";

/**
 * Asks the owner of an address whether they agree to a subscription. It goes to people who asked for nothing, so hardly
 * anything that others can choose stands in it: names must be no way to write to strangers.
 */
export function confirmMail({ view, subscription, links, platform }: MailContext): TemplateResult {
  const owner = plainName(view.owner ?? "");
  const about = shown(field(view.resource, "associatedUuid"));
  const what = /^[0-9A-Za-z-]{1,64}$/.test(about) ? ` about ${about}` : "";
  const events = /^[A-Za-z][A-Za-z0-9_]{0,31}$/.test(subscription.event) ? `${subscription.event} events` : "events";
  return written({
    subject: `${platform}: confirm notifications to this address`,
    sentences: [
      `${owner === "" ? "Somebody" : `The user "${owner}"`} of ${platform} wants to send notifications of ${events}${what} to this address.`,
      "Nothing is sent until you confirm. If you do not want these notifications, ignore this mail.",
    ],
    facts: [],
    ...(links.confirm === undefined ? {} : { link: { label: "Confirm", url: links.confirm } }),
  });
}

/** Without what mail readers would make a link of. */
function plainName(name: string): string {
  return oneLine(name.replaceAll(/[^\p{L}\p{M}\p{N}_@-]+/gu, " "), 64);
}
