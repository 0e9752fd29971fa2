import { type Fact, mostFacts, shown, written } from "../body.ts";
import type { MailContext, TemplateResult } from "../template.ts";

/** Whatever is known, as a list: for kinds that have no words of their own. */
export function genericMail({ view, platform }: MailContext): TemplateResult {
  const { kind, uuid, event, actor, owner, time, resource, permission } = view;
  const what = kind === "" ? "resource" : kind;
  const facts: readonly Fact[] = Object.entries(resource)
    // Links for programs.
    .filter(([name]) => !name.startsWith("_"))
    .slice(0, mostFacts)
    .map(([name, value]) => [shown(name), shown(value)]);
  return written({
    subject: `${platform}: ${what} ${uuid} received a ${event} event`,
    sentences: [`The ${what} ${uuid} received a ${event} event.`],
    facts: [
      ["Time", time],
      ["Caused by", shown(actor)],
      ["Owner", shown(owner)],
      ...(permission === undefined ? [] : permissionFacts(permission)),
      ...facts,
    ],
  });
}

function permissionFacts({ permission, username }: NonNullable<MailContext["view"]["permission"]>): readonly Fact[] {
  return [["Permission", `${shown(permission)} of ${shown(username)}`]];
}
