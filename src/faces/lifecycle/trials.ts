import { type Static, Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import { type CheckedCode, checkCode } from "../../platform/functions/check.ts";
import { longestCode } from "../../platform/functions/code.ts";
import { type TrialContext, tryNewCode } from "../../platform/functions/trial.ts";
import { nullable } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import { closed, slug } from "./app-schema.ts";
import { appParams } from "./apps.ts";
import { code, egressHosts, language, trialSettings } from "./function-schema.ts";
import { functionRoute, functionsPath, maxBodyBytes } from "./functions.ts";
import { shownTrial, showRun } from "./invocation-schema.ts";
import { readSaidEvent, saidEvent } from "./said-event.ts";

const slugOfCode = Type.Optional({
  ...slug,
  default: "function",
  description: "The function's, as it stands in places. It need not be there.",
});

const codeProblem = named(
  "CodeProblem",
  Type.Object({
    severity: Type.Enum(["error", "warning"], {
      description: "An upload is refused for errors; warnings are about what will go wrong when it runs.",
    }),
    rule: Type.String({
      description:
        "`size`, `text`, `syntax`, `import`, `load` (it throws while it is loaded, or its default export is no function), `egress`, or the compiler's name of a warning.",
    }),
    message: Type.String(),
    line: nullable(Type.Integer({ description: "From 1." })),
    column: nullable(Type.Integer({ description: "From 1, in UTF-16 units." })),
    length: nullable(Type.Integer({ description: "Of the text that it is about." })),
    hint: nullable(Type.String()),
  }),
);

const checkedCode = Type.Object({
  ok: Type.Boolean({ description: "Whether an upload would be taken." }),
  bytes: Type.Integer(),
  most_bytes: Type.Integer(),
  problems: Type.Array(codeProblem, { description: "Errors first, then by place." }),
  fetches: Type.Array(Type.String(), {
    description: "Hosts that it says it fetches from, as far as that can be read.",
  }),
});

function showChecked({ bytes, problems, fetches }: CheckedCode): Static<typeof checkedCode> {
  return {
    ok: problems.every(({ severity }) => severity !== "error"),
    bytes,
    most_bytes: longestCode,
    problems: problems.map(({ line = null, column = null, length = null, hint = null, ...rest }) => {
      const { severity, rule, message } = rest;
      return { severity, rule, message, line, column, length, hint };
    }),
    fetches: [...fetches],
  };
}

/** Code before it is kept: looked at, and run. */
export function codeTrialRoutes(deps: TrialContext): Route[] {
  return [
    route({
      ...functionRoute,
      method: "POST",
      path: `${functionsPath}check/`,
      operationId: "checkFunctionCode",
      summary: "Tells what is wrong with code, with places, and keeps nothing",
      description:
        "200 whatever is wrong. It is looked at as an upload is, loaded in the sandbox included, and for hosts that it fetches from and `egress` does not list.",
      params: appParams,
      body: Type.Object(
        {
          code: Type.String({ description: "What is too long is told as a problem." }),
          language: Type.Optional(language),
          slug: slugOfCode,
          egress: Type.Optional({
            ...egressHosts,
            description: "What it may fetch from; by default what the function of this slug may.",
          }),
        },
        closed,
      ),
      maxBodyBytes,
      message: "Code checked",
      data: checkedCode,
      handle: async ({ caller, params, body: { slug = "function", language = "javascript", ...rest } }) =>
        showChecked(await checkCode(deps, caller, params.app, { slug, language, ...rest })),
    }),
    route({
      ...functionRoute,
      method: "POST",
      path: `${functionsPath}run/`,
      operationId: "runFunctionCode",
      summary: "Runs code that is no function's yet, and answers with how that went",
      description:
        "A dry run in a process alone, with the settings that are given here: its `api` only reads, as far as you may, and nothing is kept. 200 also when it fails: see `status`. Of a `PRE_` event it shows the verdict. At most 30 seconds unless `timeout_ms` says more; when you hang up, it is stopped.",
      params: appParams,
      body: Type.Object(
        { code, language: Type.Optional(language), slug: slugOfCode, ...trialSettings, ...saidEvent },
        closed,
      ),
      maxBodyBytes,
      message: "Code run",
      data: shownTrial,
      handle: async ({ caller, params, body, signal }) => {
        const { slug = "function", language = "javascript", code, env, secrets, egress, ...said } = body;
        const settings = { app: params.app, slug, code, language, ...defined({ env, secrets, egress }) };
        return showRun(await tryNewCode(deps, caller, { ...settings, input: readSaidEvent(said), signal }));
      },
    }),
  ];
}
