/** Mails without a mail server: each is a file in a folder, where the operator finds it. */
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import nodemailer from "nodemailer";
import { syncFolder } from "../blobs/folder-sync.ts";
import type { Clock } from "../clock.ts";
import { asError } from "../errors.ts";
import { parseSender, type Sender } from "./address.ts";
import { headerOf } from "./encoded-words.ts";
import { type Kept, type KeptBounds, keptPerTenant, Shelf } from "./kept-shelf.ts";
import type { Mail, Mailer, MailOutcome } from "./mailer.ts";
import { messageOf } from "./message.ts";
import { MailTurns } from "./turns.ts";

export interface KeptMail {
  /** Of its file; by the time of the first try. */
  readonly name: string;
  readonly to: string;
  readonly subject: string;
  readonly dateMs: number;
  readonly bytes: number;
}

export interface KeptMails {
  /** The newest first, at most `max` of them (1–1,000), from behind the one named `after`, which may be gone by now. */
  list(page: { readonly after?: string; readonly max: number }): Promise<readonly KeptMail[]>;
  /** The mail as it would have been sent; `undefined` when there is none of this name. */
  read(name: string): Promise<string | undefined>;
}

export interface KeptOptions {
  /** Made when it is not there, for the server's own eyes only. Nothing else may be kept in it. */
  readonly folder: string;
  /** As {@link parseSender} reads it. */
  readonly from: string;
  readonly clock: Clock;
  /** When there are more, the oldest of the tenant that has most go. Default 10,000. */
  readonly maxMails?: number;
  /** The oldest of a tenant go when it has more, or more bytes than that. Default 1,000 and 64 MiB. */
  readonly perTenant?: KeptBounds;
}

/** Keeps mails. The same id twice is one mail. Throws `invalid_request` when `from` cannot be used. */
export function keptMailer(options: KeptOptions): Mailer & KeptMails {
  return new KeptMailer(options);
}

/** Time in hex, then the mail's id, then whose it is: names sort by age, and the id finds its file. Older ones name no tenant. */
const nameForm = /^([0-9a-f]{12})-([0-9A-Za-z-]{1,120})(?:\.([0-9a-z-]{1,63}))?\.eml$/;
/** Files that are looked at together when the folder is read. */
const lookedAtOnce = 64;
/** Where {@link headerOf} must find what is listed. */
const headBytes = 16 * 1024;

class KeptMailer implements Mailer, KeptMails {
  readonly #folder: string;
  readonly #from: Sender;
  readonly #clock: Clock;
  readonly #bounds: { readonly maxMails: number; readonly perTenant: KeptBounds };
  readonly #turns: MailTurns;
  readonly #stopped = new AbortController();
  readonly #writer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  /** What there is; read when first needed. */
  #shelf: Promise<Shelf> | undefined;

  constructor({ folder, from, clock, maxMails = 10_000, perTenant = keptPerTenant }: KeptOptions) {
    this.#folder = folder;
    this.#from = parseSender(from);
    this.#clock = clock;
    this.#bounds = { maxMails, perTenant };
    // One at a time: two writes of one mail must not meet.
    this.#turns = new MailTurns(clock, { atOnce: 1, waiting: 256, waitMs: 30_000 });
  }

  async send(mail: Mail, signal: AbortSignal = this.#stopped.signal): Promise<MailOutcome> {
    const turn = await this.#turns.take(signal);
    if (turn !== "turn") return { kind: "later", message: `not kept: ${turn}`, waitMs: 1_000 };
    try {
      if (this.#stopped.signal.aborted) return { kind: "later", message: "not kept: the server stops" };
      const message = messageOf(mail, this.#from, this.#clock.now());
      if (message.kind === "refused") return message;
      const { message: written } = await this.#writer.sendMail(message.options);
      if (!Buffer.isBuffer(written)) throw new TypeError("the mail was not written in one piece");
      const name = await this.#keep(mail, written);
      return { kind: "accepted", answer: `250 kept as ${name}` };
    } catch (thrown) {
      return { kind: "later", message: `not kept: ${asError(thrown).message}` };
    } finally {
      this.#turns.end();
    }
  }

  async list({ after, max }: { readonly after?: string; readonly max: number }): Promise<readonly KeptMail[]> {
    const names = (await this.#all()).names().reverse();
    const rest = after === undefined ? names : names.filter((name) => name < after);
    const page = rest.slice(0, Math.min(Math.max(1, max), 1_000));
    const mails: KeptMail[] = [];
    for (const name of page) {
      const mail = await this.#describe(name);
      if (mail !== undefined) mails.push(mail);
    }
    return mails;
  }

  async read(name: string): Promise<string | undefined> {
    const [, , id] = nameForm.exec(name) ?? [];
    if (id === undefined || (await this.#all()).get(id)?.name !== name) return undefined;
    return await readFile(join(this.#folder, name), "utf8").catch(absent);
  }

  async #describe(name: string): Promise<KeptMail | undefined> {
    const file = await open(join(this.#folder, name)).catch(absent);
    if (file === undefined) return undefined;
    await using handle = file;
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const { size } = await handle.stat();
    const head = buffer.toString("utf8", 0, bytesRead);
    const [, time = "0"] = nameForm.exec(name) ?? [];
    return {
      name,
      to: headerOf(head, "to") ?? "",
      subject: headerOf(head, "subject") ?? "",
      dateMs: Number.parseInt(time, 16),
      bytes: size,
    };
  }

  async #keep({ id, tenant = "" }: Mail, bytes: Uint8Array): Promise<string> {
    const shelf = await this.#all();
    const time = this.#clock.now().toString(16).padStart(12, "0");
    const name = shelf.get(id)?.name ?? `${time}-${id}${tenant === "" ? "" : `.${tenant}`}.eml`;
    const path = join(this.#folder, name);
    const temporary = `${path}.new`;
    {
      await using file = await open(temporary, "w", 0o600);
      await file.writeFile(bytes);
      await file.sync();
    }
    await rename(temporary, path);
    await syncFolder(this.#folder);
    shelf.put({ id, name, tenant, bytes: bytes.length });
    for (const old of shelf.over(tenant, this.#bounds)) {
      await rm(join(this.#folder, old.name), { force: true });
      shelf.remove(old);
    }
    return name;
  }

  #all(): Promise<Shelf> {
    this.#shelf ??= this.#look().catch((error: unknown) => {
      this.#shelf = undefined;
      throw error;
    });
    return this.#shelf;
  }

  async #look(): Promise<Shelf> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const found: Omit<Kept, "bytes">[] = [];
    for (const name of (await readdir(this.#folder)).sort()) {
      const [, , id, tenant = ""] = nameForm.exec(name) ?? [];
      if (id !== undefined) found.push({ id, name, tenant });
      // The last process ended in the middle of it.
      else if (name.endsWith(".eml.new")) await rm(join(this.#folder, name), { force: true });
    }
    const shelf = new Shelf();
    for (let from = 0; from < found.length; from += lookedAtOnce) {
      const sizes = found.slice(from, from + lookedAtOnce).map(async (mail) => {
        const bytes = (await stat(join(this.#folder, mail.name)).catch(absent))?.size ?? 0;
        return { ...mail, bytes };
      });
      for (const mail of await Promise.all(sizes)) shelf.put(mail);
    }
    return shelf;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    // Whoever has the turn ends first.
    if ((await this.#turns.take(new AbortController().signal)) === "turn") this.#turns.end();
    this.#writer.close();
  }
}

/** Somebody removed it. */
function absent(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
