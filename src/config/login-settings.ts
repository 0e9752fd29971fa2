import { Type } from "typebox";
import { says } from "./setting.ts";

/** Who else is logged in than by tokens of our own. */
export const loginSettings = {
  jwtIssuers: Type.Optional(
    Type.String({
      minLength: 1,
      ...says({
        about:
          "Whose tokens (JWT) log their bearers in: a list in JSON, or the path of a file with one, as docs/login.md says. Unset: only Signalbox's own.",
        secret: true,
      }),
    }),
  ),
};
