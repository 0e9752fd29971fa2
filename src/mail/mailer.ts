/** The way mails leave: through an SMTP server (`smtp.ts`) or, where there is none, into the store (`kept.ts`). */

export interface Mail {
  /** One address, without a name. */
  readonly to: string;
  /** One line; 200 characters at most are sent. */
  readonly subject: string;
  /** Up to 512 KiB of UTF-8, as is the HTML. */
  readonly text: string;
  readonly html: string;
  /** Whose it is: where mails are kept, their number is bounded for each tenant. */
  readonly tenant?: string;
  /** Letters, digits and `-`, 1–120 of them; the same on every try of a mail. Makes its `Message-ID`. */
  readonly id: string;
  /** Beside those that every mail has. Values are one line of printable ASCII. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absolute http(s) URL that ends the subscription when it is posted to (RFC 8058). */
  readonly unsubscribe?: string;
}

/** How one try to send a mail ended. */
export type MailOutcome =
  /** The mail server is responsible for it now; `answer` is what it said. */
  | { readonly kind: "accepted"; readonly answer: string }
  /**
   * Try again: a 4xx answer, no connection, too slow, or broken off, after which it may have been taken all the same.
   * With `waitMs` it was not tried at all, because too many others wait: try again after so long, and count nothing.
   */
  | { readonly kind: "later"; readonly message: string; readonly status?: number; readonly waitMs?: number }
  /** Never try again: a 5xx answer about this mail or its recipient, or what cannot be sent as a mail. */
  | { readonly kind: "refused"; readonly message: string; readonly status?: number };

/** Disposing breaks off what is under way, which ends as `later`. */
export interface Mailer extends AsyncDisposable {
  /** Makes one try. Never rejects. When `signal` aborts, the try is broken off, its connection closed, and ends as `later`. */
  send(mail: Mail, signal?: AbortSignal): Promise<MailOutcome>;
}
