import { alertEvents } from "../../domain/notifications/names.ts";
import { type Fact, mostFacts, shown, written } from "../body.ts";
import type { MailContext, TemplateResult } from "../template.ts";

const names: ReadonlySet<string> = new Set(Object.values(alertEvents));

/** Whether a mail is about what went wrong with deliveries. */
export function isAlert({ view: { kind, event } }: MailContext): boolean {
  return kind === "subscription" && names.has(event);
}

/** To a tenant's alert address. */
export function alertMail({ view, platform }: MailContext): TemplateResult {
  const { uuid, event, time, resource } = view;
  const facts: readonly Fact[] = Object.entries(resource)
    .filter(([name, value]) => !name.startsWith("_") && name !== "id" && value !== null)
    .slice(0, mostFacts)
    .map(([name, value]) => [shown(name), shown(value)]);
  const sentence = sentenceOf(event, uuid);
  return written({
    subject: `${platform}: ${sentence}`,
    sentences: [`${sentence}.`],
    facts: [["Time", time], ...facts],
  });
}

function sentenceOf(event: string, uuid: string): string {
  if (event === alertEvents.failing) return `deliveries of subscription ${uuid} have begun to fail`;
  if (event === alertEvents.deadLetter) return `subscription ${uuid} has dead letters`;
  return `subscription ${uuid} was paused`;
}
