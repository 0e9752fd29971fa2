import type { FastifyInstance, FastifyReply } from "fastify";
import type { Context, SubscriptionContext } from "../../context.ts";
import { anyResource } from "../../domain/ids.ts";
import type { EmailSubscription } from "../../domain/subscription.ts";
import { asError, SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { MailLink } from "../../mail/links.ts";
import { oneLine } from "../../mail/text.ts";
import {
  allowQuestions,
  confirmSubscription,
  consentedSubscription,
  refuseQuestions,
  refusesQuestions,
  unsubscribeByMail,
} from "../../subscriptions/consent.ts";
import { type LinkPage, pageHeaders, renderPage } from "./page.ts";

/**
 * Where the links in mails lead: agreeing to a subscription, and ending it. The signed link is the credential. Looking at the page
 * changes nothing, because scanners of mail follow links; the button, or a mail program of its own accord (RFC 8058), posts to it.
 */

const linkPagesPath = "/notifications/v2/mail/:token/";

type LinkPagesContext = SubscriptionContext & Pick<Context, "mailLinks" | "log">;

interface Answer {
  readonly status: number;
  readonly page: LinkPage;
}

/** What mail programs and buttons send is not read. */
const longestBody = 65_536;

export function linkPages(app: FastifyInstance, deps: LinkPagesContext): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: longestBody }, (_request, _body, done) =>
      done(null, undefined),
    );
    scope.setErrorHandler((error, _request, reply) => send(reply, failed(deps.log, error)));
    const answering = (answer: (link: MailLink) => Promise<Answer>) => ({
      schema: { hide: true },
      handler: async ({ params }: { readonly params: unknown }, reply: FastifyReply) => {
        const link = deps.mailLinks.open((params as { readonly token: string }).token);
        return send(reply, link === undefined ? unknownLink : await answer(link));
      },
    });
    scope.get(
      linkPagesPath,
      answering((link) => look(deps, link)),
    );
    scope.post(
      linkPagesPath,
      answering((link) => act(deps, link)),
    );
    scope.route({
      method: ["PUT", "PATCH", "DELETE", "OPTIONS"],
      url: linkPagesPath,
      schema: { hide: true },
      handler: (_request, reply) => {
        reply.header("allow", "GET, HEAD, POST");
        return send(reply, { status: 405, page: { title: "Not possible", says: ["Open this link in a browser."] } });
      },
    });
  });
}

function send(reply: FastifyReply, { status, page }: Answer): FastifyReply {
  return reply.code(status).headers(pageHeaders).send(renderPage(page));
}

function failed(log: Log, thrown: unknown): Answer {
  const status =
    thrown instanceof SignalboxError ? thrown.status : (asError(thrown) as { statusCode?: number }).statusCode;
  if (status !== undefined && status < 500) {
    return { status, page: { title: "Not possible", says: ["Open the link from your mail once more."] } };
  }
  log.error({ error: asError(thrown).message }, "a link of a mail could not be answered");
  return {
    status: status ?? 500,
    page: { title: "Something failed here", says: ["Nothing was changed. Please try again later."] },
  };
}

const unknownLink: Answer = {
  status: 404,
  page: {
    title: "This link does not work",
    says: [
      "It is not complete, or it is too old. Copy it from the mail as a whole; a link for agreeing works for seven days.",
    ],
  },
};

const goneLink: Answer = {
  status: 404,
  page: { title: "There is nothing to agree to", says: ["What you were asked about does not exist any more."] },
};

const ended: Answer = {
  status: 200,
  page: { title: "You are unsubscribed", says: ["This subscription sends nothing more to your address."] },
};

function agreed(subscription: EmailSubscription): Answer {
  return {
    status: 200,
    page: {
      title: "You agreed",
      says: [`${about(subscription)} Each of these mails has a link by which you end that.`],
    },
  };
}

async function look(deps: LinkPagesContext, link: MailLink): Promise<Answer> {
  const found = await consentedSubscription(deps, link);
  switch (link.purpose) {
    case "confirm": {
      if (found === undefined) return goneLink;
      if (found.unconfirmed === undefined) return agreed(found);
      const asks = `${oneLine(found.owner, 128)} asks that you get mail: ${about(found)}`;
      const says = [asks, "Without your agreement nothing is sent. If you do not know of this, close the page."];
      return { status: 200, page: { title: "Get these mails?", says, button: "Agree" } };
    }
    case "unsubscribe": {
      if (found === undefined) return ended;
      const page = { title: "Get no more of these mails?", says: [about(found)], button: "Unsubscribe" };
      return { status: 200, page };
    }
    case "never": {
      if (await refusesQuestions(deps, link)) return notAsked(deps, link);
      const says = [
        `${oneLine(link.address, 254)} will then never be asked again whether it wants mail from here. What you agreed to goes on.`,
      ];
      return { status: 200, page: { title: "Never be asked again?", says, button: "Never ask me again" } };
    }
    case "again": {
      if (!(await refusesQuestions(deps, link))) return askedAgain;
      const says = [`Others may have ${oneLine(link.address, 254)} asked again then, once a week at the most.`];
      return { status: 200, page: { title: "Be asked again?", says, button: "Let me be asked" } };
    }
    default:
      return link.purpose satisfies never;
  }
}

const askedAgain: Answer = {
  status: 200,
  page: { title: "You may be asked", says: ["Others may have this address asked whether it wants mail."] },
};

/** With the way back, for who did not mean it. */
function notAsked({ mailLinks }: Pick<Context, "mailLinks">, { subscription, address }: MailLink): Answer {
  const says = [`${oneLine(address, 254)} will not be asked any more whether it wants mail.`, "You did not mean that?"];
  const action = new URL(mailLinks.again(subscription, address)).pathname;
  return { status: 200, page: { title: "You are not asked again", says, button: "Let me be asked", action } };
}

async function act(deps: LinkPagesContext, link: MailLink): Promise<Answer> {
  switch (link.purpose) {
    case "confirm": {
      const confirmed = await confirmSubscription(deps, link);
      return confirmed === undefined ? goneLink : agreed(confirmed);
    }
    case "unsubscribe":
      await unsubscribeByMail(deps, link);
      return ended;
    case "never":
      await refuseQuestions(deps, link);
      return notAsked(deps, link);
    case "again":
      await allowQuestions(deps, link);
      return askedAgain;
    default:
      return link.purpose satisfies never;
  }
}

function about({ event, scope, target, once }: EmailSubscription): string {
  const what = event === "*" ? "every event" : `${event} events`;
  const of = scope === anyResource ? "" : ` of ${scope}`;
  return `${once === undefined ? what : `one mail for ${what}`}${of}, to ${oneLine(target.address, 254)}.`;
}
