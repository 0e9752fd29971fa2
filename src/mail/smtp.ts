/** Mails through an SMTP server. */
import type { Clock } from "../clock.ts";
import { asError, invalidField } from "../errors.ts";
import { type Redactor, redactor } from "../secrets/redact.ts";
import { parseSender, type Sender } from "./address.ts";
import { MailSemaphore, type MailSlot } from "./mail-semaphore.ts";
import type { Mail, Mailer, MailOutcome } from "./mailer.ts";
import { messageOf } from "./message.ts";
import { failureOutcome, longestAnswer } from "./smtp-answer.ts";
import { oneLine } from "./text.ts";

/** In milliseconds. */
interface SmtpTimeouts {
  /** From the first look-up of its name until the server may be spoken to. Default 10,000. */
  readonly connectionMs: number;
  /** Until it greets. Default 10,000. */
  readonly greetingMs: number;
  /** Of silence in between. Default 30,000. */
  readonly socketMs: number;
  /** For one mail in all, however busily the server answers. Default 120,000. */
  readonly mailMs: number;
  /** For a free connection. Default 30,000. */
  readonly turnMs: number;
}

export interface SmtpOptions {
  /** `smtp://user:password@host:port`, `smtps://…`; options of nodemailer as its query. */
  readonly url: string;
  /** As {@link parseSender} reads it. */
  readonly from: string;
  readonly clock: Clock;
  readonly timeouts?: Partial<SmtpTimeouts>;
  /** Open at once, at the most. Default 5. */
  readonly connections?: number;
  /** Mails that may wait for one of them. Default 256. */
  readonly waiting?: number;
}

const usualTimeouts: SmtpTimeouts = {
  connectionMs: 10_000,
  greetingMs: 10_000,
  socketMs: 30_000,
  mailMs: 120_000,
  turnMs: 30_000,
};

/** When there was no turn for a mail, it comes back after this, and up to as much again. */
const busyWaitMs = 15_000;

/**
 * Sends each mail over one of a few connections that stay open. Nothing is connected to before the first mail. Throws
 * `invalid_request` when `url` or `from` cannot be used; it never repeats the URL, which may hold a password.
 */
export function smtpMailer(options: SmtpOptions): Mailer {
  return new SmtpMailer(options);
}

class SmtpMailer implements Mailer {
  readonly #clock: Clock;
  readonly #from: Sender;
  readonly #mailMs: number;
  readonly #turns: MailSemaphore;
  readonly #connect: () => ReturnType<typeof transportTo>;
  #transport: ReturnType<typeof transportTo> | undefined;
  readonly #redactor: Redactor;
  /** Of the mails under way: a signal that thousands listen to would search all of them for each that is added. */
  readonly #cancels = new Set<AbortController>();
  #stopped = false;
  readonly #underWay = new Set<Promise<MailOutcome>>();

  constructor({ url, from, clock, timeouts = {}, connections = 5, waiting = 256 }: SmtpOptions) {
    const limits = { ...usualTimeouts, ...timeouts };
    this.#clock = clock;
    this.#from = parseSender(from);
    this.#mailMs = limits.mailMs;
    this.#redactor = redactor(passwordOf(url));
    this.#turns = new MailSemaphore(clock, { atOnce: connections, waiting, waitMs: limits.turnMs });
    checkUrl(url);
    this.#connect = () => transportTo(url, connections, limits);
  }

  send(mail: Mail, signal?: AbortSignal): Promise<MailOutcome> {
    const sending = this.#send(mail, signal);
    this.#underWay.add(sending);
    return sending.finally(() => this.#underWay.delete(sending));
  }

  async #send(mail: Mail, signal: AbortSignal | undefined): Promise<MailOutcome> {
    const cancel = new AbortController();
    const abort = (): void => cancel.abort();
    if (this.#stopped || signal?.aborted === true) abort();
    this.#cancels.add(cancel);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const turn = await this.#turns.take(cancel.signal);
      if (turn !== "turn") return this.#noTurn(turn);
      try {
        return await this.#try(mail, cancel);
      } finally {
        this.#turns.end();
      }
    } finally {
      this.#cancels.delete(cancel);
      signal?.removeEventListener("abort", abort);
    }
  }

  #noTurn(turn: Exclude<MailSlot, "turn">): MailOutcome {
    if (turn === "cancelled") return { kind: "later", message: "cancelled before it was sent" };
    // Not all at once: those who were turned away together would be again.
    const waitMs = Math.round(busyWaitMs * (1 + this.#clock.random()));
    return { kind: "later", message: "too many mails wait for the mail server", waitMs };
  }

  async #try(mail: Mail, cancel: AbortController): Promise<MailOutcome> {
    const message = messageOf(mail, this.#from, this.#clock.now());
    if (message.kind === "refused") return message;
    let late = false;
    const cancelTimer = this.#clock.after(this.#mailMs, () => {
      late = true;
      cancel.abort();
    });
    try {
      this.#transport ??= this.#connect();
      const { response } = await (await this.#transport).sendMail({ ...message.options, signal: cancel.signal });
      return { kind: "accepted", answer: this.#redactor.of(oneLine(response ?? "", longestAnswer)) };
    } catch (thrown) {
      if (late) return { kind: "later", message: `the mail server is too slow: not done within ${this.#mailMs} ms` };
      if (cancel.signal.aborted) return { kind: "later", message: "cancelled while it was being sent" };
      const failure = failureOutcome(asError(thrown));
      return failure.kind === "accepted" ? failure : { ...failure, message: this.#redactor.of(failure.message) };
    } finally {
      cancelTimer();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel.abort();
    await Promise.all(this.#underWay);
    (await this.#transport)?.close();
  }
}

/** The operator's, which subscribers must not read in what a mail server answered: as it is, and as it is said in a login. */
function passwordOf(url: string): string[] {
  const { username = "", password = "" } = URL.parse(url) ?? {};
  if (password === "" || /%(?![0-9a-f]{2})/i.test(username + password)) return [password];
  const [user, open] = [decodeURIComponent(username), decodeURIComponent(password)];
  return [open, Buffer.from(`\0${user}\0${open}`).toString("base64")];
}

function checkUrl(url: string): void {
  const parsed = url.length > 2_048 ? null : URL.parse(url);
  if (parsed === null || !/^smtps?:$/.test(parsed.protocol) || parsed.hostname === "") {
    throw invalidField("SIGNALBOX_SMTP_URL", "must look like smtp://user:password@mail.example.com:587, or smtps://…");
  }
}

/** Loaded with the first mail. */
async function transportTo(url: string, connections: number, timeouts: SmtpTimeouts) {
  const { createTransport } = await import("./transport.ts");
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: connections,
    connectionTimeout: timeouts.connectionMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.socketMs,
    dnsTimeout: timeouts.connectionMs,
    // Servers hang up on who is silent for long, and in the middle of the next mail.
    idleTimeout: 30_000,
    // Closing means closed: what is cancelled must not go on being sent.
    socketCloseTimeout: 0,
    // For a kept connection that turns out to be closed before anything was sent; all else is for our own retries.
    maxRequeues: 1,
    maxResponseSize: 64 * 1024,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // Every failure reaches the mail that met it; this one would end the process.
  transport.on("error", () => {});
  return transport;
}
