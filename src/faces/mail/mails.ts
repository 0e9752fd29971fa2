import { Type } from "typebox";
import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { parseDeliveryUuid } from "../../domain/ids.ts";
import { notFound } from "../../errors.ts";
import { headerOf } from "../../mail/encoded-words.ts";
import type { KeptMail, KeptMails } from "../../store/kept-mails.ts";
import type { Store } from "../../store/store.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, nullable, paging, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import { plainTextOf } from "./plain-text.ts";

const facts = { name: Type.String(), to: Type.String(), subject: Type.String(), date: instant };
const shownMail = named("Mail", Type.Object({ ...facts, bytes: Type.Integer() }));
const wholeMail = named(
  "WholeMail",
  Type.Object({
    ...facts,
    text: nullable(Type.String({ description: "The part of it that is plain text." })),
    raw: Type.String({ description: "As it would have been sent." }),
  }),
);

/** Mails that were kept because there is no mail server. */
export function mailRoutes({ store, vault, keptMails }: Pick<Context, "store" | "vault" | "keptMails">): Route[] {
  const path = "/api/cloud/mails/";
  const cursors = new Cursors<string>(vault, "mails");
  const common = { method: "GET", role: "admin", tag: "mails" } as const;
  const where = keptMails === undefined ? "Mails go to the mail server; none are kept here" : "Mails retrieved";
  return [
    route({
      ...common,
      path,
      summary: "Lists the mails that were kept in place of being sent, newest first",
      description: "Those of the tenant's subscriptions. A page may be short while there is a next.",
      query: Type.Object(paging),
      message: where,
      data: Type.Object({ mails: Type.Array(shownMail), next_cursor: nextCursor }),
      handle: async ({ caller, query }) => {
        const { max, after } = cursors.page(caller, query);
        if (keptMails === undefined) return { mails: [] };
        const { mails, next } = await page({ store, keptMails }, caller, { after, max });
        return {
          mails: mails.map(({ dateMs, ...mail }) => ({ ...mail, date: shownInstant(dateMs) })),
          ...cursors.next(caller, next),
        };
      },
    }),
    route({
      ...common,
      path: `${path}:name/`,
      summary: "Shows a mail that was kept",
      params: Type.Object({ name: Type.String() }),
      message: "Mail retrieved",
      data: wholeMail,
      handle: async ({ caller, params: { name } }) => {
        const isOurs = await isOfTenant(store, caller, name);
        const raw = isOurs ? await keptMails?.raw(name) : undefined;
        if (raw === undefined) throw notFound(`mail '${name}'`);
        return {
          name,
          to: headerOf(raw, "to") ?? "",
          subject: headerOf(raw, "subject") ?? "",
          date: shownInstant(Number.parseInt(name.slice(0, timeDigits), 16)),
          text: plainTextOf(raw) ?? null,
          raw,
        };
      },
    }),
  ];
}

/** A mail's name: its time in hex, then the uuid of its delivery, then its tenant where that is known. */
const timeDigits = 12;
const nameForm = /^[0-9a-f]{12}-([0-9A-Za-z-]+)(?:\.[0-9a-z-]+)?\.eml$/;

/** Mails of all tenants lie in one folder. */
async function isOfTenant(store: Store, { tenant }: Principal, name: string): Promise<boolean> {
  const delivery = parseDeliveryUuid(nameForm.exec(name)?.[1] ?? "");
  const subscription = delivery === undefined ? undefined : await store.subscriptions.get(delivery.subscription);
  return subscription?.tenant === tenant;
}

/** Mails of other tenants that are looked at for one page, at the most. */
const mostReads = 10;

async function page(
  { store, keptMails }: { readonly store: Store; readonly keptMails: KeptMails },
  caller: Principal,
  { after, max }: { readonly after: string | undefined; readonly max: number },
): Promise<{ readonly mails: readonly KeptMail[]; readonly next?: string }> {
  const mails: KeptMail[] = [];
  let last = after;
  for (let reads = 0; reads < mostReads; reads += 1) {
    const kept = await keptMails.list({ max, ...defined({ after: last }) });
    for (const mail of kept) {
      last = mail.name;
      if (!(await isOfTenant(store, caller, mail.name))) continue;
      if (mails.push(mail) === max) return { mails, next: last };
    }
    if (kept.length === 0) return { mails };
  }
  return { mails, ...defined({ next: last }) };
}
