/** Mails without a mail server: they are kept in the store, where the operator reads them. */
import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { asError } from "../errors.ts";
import type { Log } from "../log.ts";
import { type MostKeptMails, mostKeptMails } from "../store/kept-mails.ts";
import type { Store } from "../store/store.ts";
import { parseSender, type Sender } from "./address.ts";
import { headerOf } from "./encoded-words.ts";
import type { Mail, Mailer, MailOutcome } from "./mailer.ts";
import { messageOf } from "./message.ts";

export interface KeptOptions {
  readonly store: Pick<Store, "keptMails" | "commit">;
  /** As {@link parseSender} reads it. */
  readonly from: string;
  readonly clock: Clock;
  readonly most?: MostKeptMails;
}

/** Keeps mails. The same id twice is one mail. Throws `invalid_request` when `from` cannot be used. */
export function keptMailer(options: KeptOptions): Mailer {
  return new KeptMailer(options);
}

/** Time in hex, then the mail's id, then whose it is: names sort by age. Older ones name no tenant. */
const nameForm = /^([0-9a-f]{12})-([0-9A-Za-z-]{1,120})(?:\.([0-9a-z-]{1,63}))?\.eml$/;

class KeptMailer implements Mailer {
  readonly #store: Pick<Store, "keptMails" | "commit">;
  readonly #from: Sender;
  readonly #clock: Clock;
  readonly #most: MostKeptMails;
  readonly #underWay = new Set<Promise<MailOutcome>>();
  #stopped = false;
  #writer: ReturnType<typeof mailWriter> | undefined;

  constructor({ store, from, clock, most = mostKeptMails }: KeptOptions) {
    this.#store = store;
    this.#from = parseSender(from);
    this.#clock = clock;
    this.#most = most;
  }

  async send(mail: Mail, signal?: AbortSignal): Promise<MailOutcome> {
    if (this.#stopped) return { kind: "later", message: "not kept: the server stops" };
    if (signal?.aborted === true) return { kind: "later", message: "not kept: aborted" };
    const sent = this.#keep(mail).catch((thrown: unknown): MailOutcome => {
      return { kind: "later", message: `not kept: ${asError(thrown).message}` };
    });
    this.#underWay.add(sent);
    return sent.finally(() => this.#underWay.delete(sent));
  }

  async #keep(mail: Mail): Promise<MailOutcome> {
    const dateMs = this.#clock.now();
    const message = messageOf(mail, this.#from, dateMs);
    if (message.kind === "refused") return message;
    this.#writer ??= mailWriter();
    const { message: written } = await (await this.#writer).sendMail(message.options);
    if (!Buffer.isBuffer(written)) throw new TypeError("the mail was not written in one piece");
    const { id, tenant = "" } = mail;
    const time = dateMs.toString(16).padStart(12, "0");
    const name = (await this.#store.keptMails.nameOf(id)) ?? `${time}-${id}${tenant === "" ? "" : `.${tenant}`}.eml`;
    const kept = keptMail({ id, name, tenant, dateMs }, written.toString("utf8"));
    await this.#store.commit({ changes: [{ do: "mail.keep", mail: kept, most: this.#most }] });
    return { kind: "accepted", answer: `250 kept as ${name}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#underWay);
    (await this.#writer)?.close();
  }
}

/** Loaded with the first mail. */
async function mailWriter() {
  const { createTransport } = await import("./transport.ts");
  return createTransport({ streamTransport: true, buffer: true, newline: "windows" });
}

function keptMail(of: { id: string; name: string; tenant: string; dateMs: number }, raw: string) {
  return { ...of, to: headerOf(raw, "to") ?? "", subject: headerOf(raw, "subject") ?? "", raw };
}

/** Mails of older versions that are carried over in one commit. */
const carriedTogether = 50;

/**
 * Carries mails over that an older version kept in a folder, each a file; then they are in the store, and the files go. What is no mail
 * of ours stays. It can be broken off and begun again.
 */
export async function carryKeptMails(
  { store, log }: { readonly store: Pick<Store, "commit">; readonly log: Log },
  folder: string,
): Promise<void> {
  try {
    await carry({ store, log }, folder);
  } catch (thrown) {
    log.error(
      { folder, error: asError(thrown).message },
      "kept mails could not be carried over; the next start tries again",
    );
  }
}

async function carry({ store, log }: { store: Pick<Store, "commit">; log: Log }, folder: string): Promise<void> {
  const files = (await readdir(folder).catch(absent)) ?? [];
  const names = files.filter((name) => nameForm.test(name)).sort();
  for (let at = 0; at < names.length; at += carriedTogether) {
    const some = names.slice(at, at + carriedTogether);
    const mails = await Promise.all(
      some.map(async (name) => {
        const [, time = "0", id = "", tenant = ""] = nameForm.exec(name) ?? [];
        const raw = await readFile(join(folder, name), "utf8");
        return keptMail({ id, name, tenant, dateMs: Number.parseInt(time, 16) }, raw);
      }),
    );
    await store.commit({ changes: mails.map((mail) => ({ do: "mail.keep", mail, most: mostKeptMails })) });
    for (const name of some) await rm(join(folder, name), { force: true });
  }
  // The last process ended in the middle of one of these.
  for (const name of files.filter((name) => name.endsWith(".eml.new"))) await rm(join(folder, name), { force: true });
  if (names.length > 0) log.info({ mails: names.length }, "kept mails were carried over into the store");
  await rmdir(folder).catch(() => {});
}

function absent(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
