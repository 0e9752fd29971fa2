import { Type } from "typebox";
import { says } from "./setting.ts";

/** How mail leaves, and how much of it. */
export const mailSettings = {
  smtpUrl: Type.Optional(
    Type.String({
      minLength: 8,
      maxLength: 2048,
      ...says({
        about:
          "`smtp://user:password@host:587`, or `smtps://…`: where e-mail goes. Unset: mails are kept in the data folder and listed at `/api/cloud/mails/`.",
        secret: true,
      }),
    }),
  ),
  mailFrom: Type.String({
    default: "Signalbox <signalbox@localhost>",
    minLength: 3,
    maxLength: 320,
    ...says({ about: "Sender of e-mail: an address, or a name and an address in angle brackets." }),
  }),
  mailConfirm: Type.Enum(["on", "trust", "off"], {
    default: "on",
    ...says({
      about:
        "Whether the owner of an address has to agree before anything is sent to it. `trust`: not to what its user wants sent to an address that an admin gave them. Off: subscribers are trusted.",
    }),
  }),
  mailQuestionsPerDay: Type.Integer({
    default: 1_000,
    minimum: 1,
    maximum: 1_000_000,
    ...says({
      about:
        "Addresses whose owners one tenant may have asked in a day whether they want mail; of one subscriber a twentieth of that, and at least 10. What is more waits.",
    }),
  }),
  mailPerHour: Type.Integer({
    default: 60,
    minimum: 1,
    maximum: 1_000_000,
    ...says({ about: "Mails to one address in an hour, after the first 30; what is more waits." }),
  }),
};
