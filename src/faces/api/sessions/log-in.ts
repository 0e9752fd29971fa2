import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { sleep } from "../../../clock.ts";
import { invalidField, SignalboxError } from "../../../errors.ts";
import { ownShare } from "../../../pace/own-share.ts";
import { Tries } from "../../../pace/tries.ts";
import { logInByCode, logInByToken } from "../../../platform/access/sessions.ts";
import type { ApiContext } from "../../http/api-context.ts";
import { judgeLoginSite } from "../../http/cross-site.ts";
import { failureSchema, success, successSchema } from "../../http/envelope.ts";
import { networkOf } from "../../http/front/addresses.ts";
import { checker } from "../../http/problems.ts";
import { setSessionCookie } from "../../http/session-cookie.ts";
import { shownSelf, showSelf } from "./self.ts";

/** `POST /api/cloud/session/`: the one route of the API that asks for no credentials, because it takes them. */

export const sessionPath = "/api/cloud/session/";

/** Longer than any token. */
const longestBody = 16_384;
const secret = Type.Optional(Type.String({ minLength: 1, maxLength: 4_096 }));
const loginBody = Type.Object({ token: secret, code: secret }, { additionalProperties: false });

/** Logins that may be refused to one address within a minute, by all nodes. */
const mostRefused = 10;
const minuteMs = 60_000;
/** Whatever is wrong, it is told after so long, and not before. */
const refusalMs = 250;

/** @param scope registers what it documents. */
export function loginRoute(scope: FastifyInstance, context: ApiContext): void {
  const { clock, cluster, connections, log } = context;
  const tries = new Tries({
    get most() {
      return ownShare(mostRefused, cluster);
    },
    withinMs: minuteMs,
    now: () => clock.steady(),
  });
  const check = checker(loginBody);

  async function logIn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    check(request.body);
    const { token, code } = request.body as Static<typeof loginBody>;
    if ((token === undefined) === (code === undefined)) throw invalidField("token", "or code: give one of the two");
    const address = networkOf(request.raw.socket.remoteAddress);
    const trying = tries.begin(address, "logins from this address were refused within a minute");
    const beganMs = clock.steady();
    const refused = async (thrown: unknown): Promise<never> => {
      if (thrown instanceof SignalboxError && thrown.code === "unauthenticated") {
        log.warn({ requestId: request.id, address }, "a login was refused");
        await sleep(clock, Math.max(0, beganMs + refusalMs - clock.steady()));
      }
      throw thrown;
    };
    const { secret: value, live } = await (token === undefined
      ? logInByCode(context, code ?? "")
      : logInByToken(context, token)
    ).catch(refused);
    trying.succeeded();
    const { principal: caller } = live.known;
    connections.recognise(request.raw, caller.tenant);
    const maxAgeS = Math.ceil((live.expiresMs - clock.now()) / 1_000);
    const proof = { kind: "session", own: caller, live } as const;
    reply.header("set-cookie", setSessionCookie(context, value, maxAgeS));
    return reply.send(success("Logged in", showSelf(context, caller, proof)));
  }

  scope.route({
    method: "POST",
    url: sessionPath,
    bodyLimit: longestBody,
    schema: {
      operationId: "logIn",
      tags: ["identities"],
      summary: "Logs a browser in by a token, or by the code of a link",
      description:
        "The answer sets the cookie of a session, which counts wherever there is no `Authorization`. A code is used up by it. Needs no credentials; ten refused logins from one address within a minute are the most.",
      body: loginBody,
      response: {
        200: { description: "Logged in.", ...successSchema(shownSelf) },
        "4XX": { description: "Nothing was changed.", ...failureSchema },
        "5XX": { description: "Try again, when `code` says so.", ...failureSchema },
      },
    },
    validatorCompiler: () => (value) => ({ value }),
    serializerCompiler: () => (data) => JSON.stringify(data),
    onRequest: async (request) => judgeLoginSite(context, request.headers),
    handler: logIn,
  });
}
