import type { EventView } from "../domain/notifications/view.ts";

/** What a mail tells of. */
export interface MailContext {
  readonly view: EventView;
  readonly subscription: {
    readonly uuid: string;
    /** Its event name, or `*`. */
    readonly event: string;
    readonly persistent: boolean;
  };
  readonly links: {
    /** Ends the subscription. Absent in mails that ask for a confirmation. */
    readonly unsubscribe?: string;
    /** Present exactly in mails that ask for a confirmation. */
    readonly confirm?: string;
    /** Ends all such questions to the address. Beside {@link confirm}; the foot of the mail has it, too. */
    readonly never?: string;
  };
  /** What this installation calls itself. */
  readonly platform: string;
}

/** What a template makes of it. What others wrote must be escaped in `html`; without it, the text is shown. */
export interface TemplateResult {
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

/** Called for each try of each mail: it should be quick and always give the same. */
export type MailTemplate = (context: MailContext) => TemplateResult;

/** By the name of the resource kind; `confirmation` for mails that ask for one, which must hold that link. */
export type MailTemplates = Readonly<Record<string, MailTemplate>>;
