/** What an SMTP server's answer, or the lack of one, means for the mail. Pure. */
import type { MailOutcome } from "./mailer.ts";
import { oneLine } from "./text.ts";

/** What is known of a failed try. */
interface SmtpFailure {
  readonly message: string;
  /** Nodemailer's: `EENVELOPE`, `EAUTH`, … */
  readonly code?: string | undefined;
  /** What was being said: `RCPT TO`, `DATA`, `CONN`; `API`: nothing yet. */
  readonly command?: string | undefined;
  readonly responseCode?: number | undefined;
}

export const longestAnswer = 500;

/**
 * Of 5xx answers only those about the recipient or the text end a mail. Those about the session (no greeting, no login, the
 * sender is not allowed) are the operator's to mend, and no mail shall be lost for them.
 */
export function failureOutcome(failure: SmtpFailure): MailOutcome {
  const message = oneLine(failure.message, longestAnswer);
  const status = failure.responseCode;
  if (status === undefined) {
    if (failure.code === "EENVELOPE" || failure.code === "EMESSAGE") return { kind: "refused", message };
    return { kind: "later", message: `${connectionFailure(failure)}: ${message}` };
  }
  if (isAboutMail(status, failure.command)) return { kind: "refused", message, status };
  const ours =
    status >= 500
      ? `the mail server refuses this sender, not this mail (see SIGNALBOX_SMTP_URL and SIGNALBOX_MAIL_FROM): `
      : "";
  return { kind: "later", message: ours + message, status };
}

/** 503 says that the conversation went wrong; these others ask for a login. */
const aboutSession = new Set([503, 530, 534, 535, 538]);

function isAboutMail(status: number, command: string | undefined): boolean {
  if (status < 500 || status > 599 || aboutSession.has(status)) return false;
  // 552 after MAIL FROM: the size that is announced there is too large.
  return command === "RCPT TO" || command === "DATA" || (command === "MAIL FROM" && status === 552);
}

function connectionFailure({ code, command }: SmtpFailure): string {
  if (code === "EDNS") return "the mail server's name cannot be resolved";
  if (code === "ETLS" || code === "EREQUIRETLS") return "no secure connection to the mail server";
  if (code === "EAUTH" || code === "ENOAUTH" || code === "EOAUTH2") return "no login at the mail server";
  if (code === "ETIMEDOUT") return "the mail server is too slow";
  return command === "CONN" || code === "ECONNECTION" || code === "ESOCKET"
    ? "no connection to the mail server"
    : "not sent";
}
