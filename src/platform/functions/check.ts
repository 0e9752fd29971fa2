import type { Principal } from "../../domain/access.ts";
import { type FetchedHost, fetchedHosts, isListed } from "../../domain/fetched-hosts.ts";
import { fieldsText } from "../../domain/path.ts";
import { SignalboxError } from "../../errors.ts";
import { originsOf, type SourcePosition } from "../../invocation/source-map.ts";
import { findApp } from "../apps/apps.ts";
import { asUpload, examineCode, type Prepared } from "./code.ts";
import type { CodeProblem } from "./code-problem.ts";
import type { Language } from "./compile.ts";
import type { FunctionsContext } from "./deps.ts";
import { readHosts } from "./egress-hosts.ts";

/** What an upload would be told, without one. */

interface CheckInput {
  /** The function's: it stands in places, and one of that name tells what may be fetched. */
  readonly slug: string;
  readonly code: string;
  readonly language: Language;
  /** Instead of what the function lists. */
  readonly egress?: readonly string[];
}

export interface CheckedCode {
  readonly bytes: number;
  /** Errors first, then by place. */
  readonly problems: readonly CodeProblem[];
  /** Hosts that it says it fetches from, listed or not. */
  readonly fetches: readonly string[];
}

/**
 * Looks at code as an upload would, and at what would only show when it runs. Nothing is kept.
 *
 * @throws SignalboxError `not_found` about the app; `invalid_request` about `egress`; `too_many_requests`, `unavailable` as for an upload.
 */
export async function checkCode(
  deps: FunctionsContext,
  caller: Principal,
  app: string,
  { slug, code, language, egress }: CheckInput,
): Promise<CheckedCode> {
  const { number } = await findApp(deps.store, caller, app);
  const listed = egress === undefined ? await deps.store.functions.bySlug(number, slug) : readEgress(deps, egress);
  const { tenant } = caller;
  return asUpload(deps, tenant, async () => {
    const { problems, prepared } = await examineCode(deps, { tenant, slug, source: code, language });
    const fetched = prepared === undefined ? [] : await deps.slices.run(tenant, fetchedHosts(prepared.js));
    const unlisted = fetched.filter((one) => !isListed(listed?.egress ?? [], one));
    const refused = prepared === undefined ? [] : await undeclared(deps, tenant, { prepared, unlisted });
    return {
      bytes: Buffer.byteLength(code),
      problems: [...problems, ...refused].toSorted(inOrder),
      fetches: fetched.map(({ host }) => host),
    };
  });
}

function readEgress(
  { egressAllow }: FunctionsContext,
  said: readonly string[],
): { readonly egress: readonly string[] } {
  const { hosts, problems: fields } = readHosts(said, egressAllow);
  if (fields.length > 0) throw new SignalboxError("invalid_request", fieldsText(fields), { fields });
  return { egress: hosts };
}

/** Fetching from elsewhere than is listed throws. */
async function undeclared(
  { slices }: FunctionsContext,
  tenant: string,
  { prepared: { js, map }, unlisted }: { readonly prepared: Prepared; readonly unlisted: readonly FetchedHost[] },
): Promise<CodeProblem[]> {
  const offsets = unlisted.map(({ at }) => at);
  const places = await slices.run(tenant, placesIn(js, offsets));
  const origins = map === undefined ? places : await slices.run(tenant, originsOf(map, places));
  return unlisted.map(({ host }, index) => ({
    severity: "warning",
    rule: "egress",
    message: `fetches from ${host}, which egress does not list: it will be refused`,
    hint: `add "${host}" to the function's egress`,
    ...origins[index],
  }));
}

/** Lines that are counted between two yields. */
const stepLines = 10_000;

/** Lines and columns of ascending offsets. */
function* placesIn(text: string, offsets: readonly number[]): Generator<void, SourcePosition[], void> {
  const places: SourcePosition[] = [];
  let [line, start] = [1, 0];
  for (const offset of offsets) {
    for (let end = text.indexOf("\n", start); end >= 0 && end < offset; end = text.indexOf("\n", start)) {
      [line, start] = [line + 1, end + 1];
      if (line % stepLines === 0) yield;
    }
    places.push({ line, column: offset - start + 1 });
  }
  return places;
}

function inOrder(one: CodeProblem, other: CodeProblem): number {
  if (one.severity !== other.severity) return one.severity === "error" ? -1 : 1;
  const [lines, columns] = [(one.line ?? 0) - (other.line ?? 0), (one.column ?? 0) - (other.column ?? 0)];
  return lines === 0 ? columns : lines;
}
