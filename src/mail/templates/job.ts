import { type Fact, field, shown, written } from "../body.ts";
import type { MailContext, TemplateResult } from "../template.ts";

/** Field names of a job, and what people call them. */
const fields: readonly (readonly [label: string, name: string])[] = [
  ["Name", "name"],
  ["Status", "status"],
  ["App", "appId"],
  ["System", "executionSystem"],
  ["Message", "lastStatusMessage"],
  ["Error", "errorMessage"],
  ["Submitted", "submitTime"],
  ["Started", "startTime"],
  ["Ended", "endTime"],
  ["Output path", "outputPath"],
  ["Archive path", "archivePath"],
  ["Archive system", "archiveSystem"],
];

/** What became of a job. */
export function jobMail({ view }: MailContext): TemplateResult {
  const { event, resource, uuid, time, actor } = view;
  const known: readonly Fact[] = fields.map(([label, name]) => [label, shown(field(resource, name))]);
  const name = shown(field(resource, "name"));
  return written({
    subject: `Job ${uuid} received a ${event} event`,
    sentences: [`The job ${name === "" ? uuid : `"${name}"`} received a ${event} event.`],
    facts: [["Job", uuid], ...known, ["Caused by", shown(actor)], ["Time", time]],
  });
}
