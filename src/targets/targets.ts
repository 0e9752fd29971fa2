/** What deliveries leave with, put together. */

import type { Config } from "../config/config.ts";
import type { EgressAllow } from "../domain/egress.ts";
import { expandAddress } from "../domain/notifications/expand.ts";
import type { ResourceKinds } from "../domain/notifications/resource-kinds.ts";
import { viewOf } from "../domain/notifications/view.ts";
import type { TargetSecrets } from "../domain/subscription.ts";
import { parseTemplate } from "../domain/template.ts";
import type { FunctionRunner } from "../invocation/runner.ts";
import { addressLimit, sharedAddressLimit } from "../mail/address-limit.ts";
import { type MailLinks, mailLinks } from "../mail/links.ts";
import { mailQuestions } from "../mail/questions.ts";
import type { MailTemplates } from "../mail/template.ts";
import type { Ports } from "../ports.ts";
import { egress } from "./egress.ts";
import { senders } from "./senders/senders.ts";
import type { SendingMeans } from "./sending-means.ts";

interface SendingOptions extends Pick<Ports, "store" | "mailer" | "vault" | "meter" | "clock" | "log"> {
  readonly config: Pick<Config, "eventSource" | "mailPerHour" | "mailQuestionsPerDay" | "senders">;
  readonly egressAllow: EgressAllow;
  readonly functions: FunctionRunner;
  readonly kinds: ResourceKinds;
  /** A host's own, by kind of resource. */
  readonly mailTemplates: MailTemplates;
  /** Of the API as others reach it, without a final slash. */
  readonly publicUrl: () => string;
}

interface Sending extends AsyncDisposable {
  readonly means: SendingMeans;
  readonly links: MailLinks;
}

export function sending(options: SendingOptions): Sending {
  const { config, mailer, egressAllow, vault, functions, kinds, mailTemplates, publicUrl, meter, clock, log } = options;
  const links = mailLinks({ keys: vault.derive("mail links"), publicUrl, clock });
  const count = config.senders;
  const { mails } = options.store.mailboxes;
  const perHour = config.mailPerHour;
  const out =
    count === 0
      ? egress({ allow: egressAllow, clock })
      : senders({ count, allow: egressAllow, clock, log, lost: () => meter.senderLost() });
  const means: SendingMeans = {
    egress: out,
    clock,
    open: (sealed) => JSON.parse(vault.open(sealed)) as TargetSecrets,
    eventSource: config.eventSource,
    kinds,
    publicUrl,
    mailer,
    templates: mailTemplates,
    limit: mails === undefined ? addressLimit({ clock, perHour }) : sharedAddressLimit(mails, { perHour }),
    questions: mailQuestions({ store: options.store, clock, perDay: config.mailQuestionsPerDay }),
    links,
    view: (event, subscription) => viewOf(event, subscription, { publicUrl: publicUrl() }),
    addressOf: ({ target }, view) => expandAddress(parseTemplate(target.address), view, kinds),
    platform: config.eventSource,
    functions,
    log,
  };
  return {
    means,
    links,
    [Symbol.asyncDispose]: () => out[Symbol.asyncDispose](),
  };
}
