import { Type } from "typebox";
import { type MailAddress, parseMailAddress } from "../../domain/mail-address.ts";
import { expandAddress } from "../../domain/notifications/expand.ts";
import { mailRetryPolicy } from "../../domain/requested-retries.ts";
import { checkMacros, parseTemplate, type Template } from "../../domain/template.ts";
import { invalidField } from "../../errors.ts";
import { emailTargets } from "../../targets/email.ts";
import { ownAddress } from "../own-address.ts";
import { inTarget, macrosAt, type TargetContext, type TargetKind, type TargetPlace } from "./target-kind.ts";

/** Read already. Without a template it was not written in this request. */
interface GivenAddress {
  readonly address: MailAddress;
  readonly template?: Template;
}

export interface EmailInput {
  /** Without one: the caller's own. */
  readonly address?: string | GivenAddress;
}

export interface EmailChange {
  readonly address?: string;
}

const oneAddress = "One e-mail address; macros only in its tag: `me+${EVENT}@example.com`.";

/** Mails to an address whose owner has agreed. */
export const email: TargetKind<"email", EmailInput, EmailChange> = {
  members: { address: "address" },
  schemas: {
    made: Type.Object(
      {
        type: Type.Literal("email"),
        address: Type.Optional(
          Type.String({ maxLength: 1024, description: `${oneAddress} Absent or empty: your own, once confirmed.` }),
        ),
      },
      { additionalProperties: false, title: "EmailTarget" },
    ),
    changed: { address: Type.Optional(Type.String({ minLength: 3, maxLength: 1024, description: oneAddress })) },
    shown: Type.Object({ type: Type.Literal("email"), address: Type.String() }),
  },
  answersHooks: false,
  uncaptured: "what a mail server answers is kept anyway",
  takesAlerts: true,
  retries: {
    policy: mailRetryPolicy,
    why: "is not for e-mail: what a mail server does not take is tried again for two days",
  },
  expand: expandAddress,
  complete: async (deps, caller, input) => {
    const { address = "" } = input;
    if (typeof address !== "string" || address.trim() !== "") return input;
    const own = await ownAddress(deps, caller);
    if (own.kind === "known") return { address: own };
    throw invalidField("target.address", `${own.why} an e-mail address`);
  },
  completeChange: (_, __, change) => Promise.resolve(change),
  make: (deps, at, { address = "" }) => ({ target: emailTarget(deps, at, address) }),
  change: (deps, at, target, { address }) => (address === undefined ? target : emailTarget(deps, at, address)),
  show: (_, { address }) => ({ type: "email", address }),
  prepare: emailTargets,
};

function emailTarget(deps: TargetContext, at: TargetPlace, given: string | GivenAddress) {
  return inTarget(
    at,
    () => {
      const { address, template = parseTemplate(address) } =
        typeof given === "string" ? parseMailAddress(given) : given;
      checkMacros(template, macrosAt(at, deps));
      return { kind: "email", address } as const;
    },
    at.rules.addressField,
  );
}
