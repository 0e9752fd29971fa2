/** From an event to the words of a mail: the host's template or ours, and then whatever makes the result fit to be sent. */
import { asError } from "../errors.ts";
import type { Log } from "../log.ts";
import { page } from "./body.ts";
import type { MailContext, MailTemplate, MailTemplates, TemplateResult } from "./template.ts";
import { alertMail, isAlert } from "./templates/alert.ts";
import { confirmMail } from "./templates/confirm.ts";
import { fileMail } from "./templates/file.ts";
import { genericMail } from "./templates/generic.ts";
import { jobMail } from "./templates/job.ts";
import { escapeHtml, manyLines, oneLine } from "./text.ts";

export interface RenderedMail {
  /** One line of at most 200 characters. */
  readonly subject: string;
  /** At most 256 KiB of UTF-8, and the footer. */
  readonly text: string;
  readonly html: string;
}

const ours = new Map<string, MailTemplate>([
  ["file", fileMail],
  ["job", jobMail],
  ["confirmation", confirmMail],
]);

const longestSubject = 200;
const mostBytes = 256 * 1024;

/**
 * Never throws. A template of the host that throws, or gives what is no mail, is logged, and ours takes its place. Every mail
 * says why it was sent and, but for those that ask for a confirmation, how to end that.
 */
export function renderMail(templates: MailTemplates, context: MailContext, log: Log): RenderedMail {
  const kind = context.links.confirm === undefined ? context.view.kind : "confirmation";
  const own = isAlert(context) ? alertMail : (ours.get(kind) ?? genericMail);
  const result = byHost(templates, { kind, context, log }) ?? own(context);
  return safe(result, context);
}

/** `undefined`: there is none, or it is not to be used. */
function byHost(
  templates: MailTemplates,
  { kind, context, log }: { readonly kind: string; readonly context: MailContext; readonly log: Log },
): TemplateResult | undefined {
  const template = Object.hasOwn(templates, kind) ? templates[kind] : undefined;
  if (template === undefined) return undefined;
  const facts = { kind, event: context.view.event, subscription: context.subscription.uuid };
  try {
    const result: unknown = template(context);
    const problem = problemOf(result, context.links.confirm);
    if (problem === undefined) return result as TemplateResult;
    log.error({ ...facts, problem }, "a mail template of the host gave no mail; the built-in one is used");
  } catch (thrown) {
    const error = oneLine(asError(thrown).message, 500);
    log.error({ ...facts, error }, "a mail template of the host failed; the built-in one is used");
  }
  return undefined;
}

function problemOf(result: unknown, confirm: string | undefined): string | undefined {
  if (typeof result !== "object" || result === null) return "it is no object";
  const { subject, text, html } = result as { readonly [name in keyof TemplateResult]: unknown };
  if (typeof subject !== "string" || subject.trim() === "") return "its subject is no text, or empty";
  if (typeof text !== "string" || text.trim() === "") return "its text is no text, or empty";
  if (html !== undefined && typeof html !== "string") return "its html is no text";
  if (confirm !== undefined && !text.includes(confirm)) return "its text lacks the link for confirming";
  return undefined;
}

function safe({ subject, text, html }: TemplateResult, context: MailContext): RenderedMail {
  const foot = footer(context);
  const cut = manyLines(text, mostBytes);
  // Cut HTML would be broken HTML.
  const fits = html !== undefined && Buffer.byteLength(html) <= mostBytes;
  const body = fits ? manyLines(html, mostBytes) : page(`<div style="white-space:pre-wrap">${escapeHtml(cut)}</div>`);
  return {
    subject: oneLine(subject, longestSubject),
    text: cut.includes(foot.link) && foot.link !== "" ? cut : `${cut.trimEnd()}\n\n-- \n${foot.text}\n`,
    html: body.includes(escapeHtml(foot.link)) && foot.link !== "" ? body : beforeEnd(body, foot.html),
  };
}

interface Footer {
  readonly text: string;
  readonly html: string;
  /** A mail that has it already needs no footer. Empty: there is none. */
  readonly link: string;
}

function footer({ subscription, view, links, platform }: MailContext): Footer {
  const { uuid, event, persistent } = subscription;
  if (links.confirm !== undefined) {
    const why = `You get this once, because somebody gave this address to ${platform}. (${uuid})`;
    const { never = "" } = links;
    if (never === "") return { text: why, html: footerHtml(why), link: "" };
    const refuse = ` <a href="${escapeHtml(never)}">Never ask this address again</a>`;
    return { text: `${why}\nTo never be asked again: ${never}`, html: footerHtml(why, refuse), link: never };
  }
  const what = event === "*" ? "every event" : `${event} events`;
  const often = persistent ? "" : " once";
  const about = view.uuid === "" ? "" : ` of ${view.uuid}`;
  const why = `You get this because ${platform} was asked to tell this address${often} of ${what}${about} (subscription ${uuid}).`;
  const link = links.unsubscribe ?? "";
  if (link === "") return { text: why, html: footerHtml(why), link };
  const anchor = ` <a href="${escapeHtml(link)}">Unsubscribe</a>`;
  return { text: `${why}\nTo get no more of them: ${link}`, html: footerHtml(why, anchor), link };
}

function footerHtml(why: string, anchor = ""): string {
  return `<hr>\n<p style="color:#666;font-size:small">${escapeHtml(why)}${anchor}</p>`;
}

/** A host's template may give a whole page. */
function beforeEnd(html: string, added: string): string {
  const end = html.toLowerCase().lastIndexOf("</body>");
  return end < 0 ? `${html}\n${added}\n` : `${html.slice(0, end)}${added}\n${html.slice(end)}`;
}
