import type { FieldError } from "../../errors.ts";
import { didYouMean } from "../did-you-mean.ts";
import { fieldsWithin } from "../path.ts";
import { isRecord } from "../schema/unions.ts";
import {
  commonMacros,
  eventNameForm,
  hostKinds,
  ownKinds,
  permissionMacros,
  reservedNames,
  sharedCode,
} from "./known-kinds.ts";

/** What is wrong with the kinds that a host declares. Programs without types declare them too, so nothing is taken for granted. */

/** A kind as a host declares it: a new one, or more about a documented one such as `job`. */
export interface KindInput {
  /** 1–32 of a–z, 0–9 and _, beginning with a letter. Not one of Signalbox's own. */
  readonly name: string;
  /**
   * The three digits that end its uuids, 100–999 and free. Without one its uuids end in the shared 900. Of a documented kind the
   * code is fixed.
   */
  readonly code?: string;
  /** At most 256. Added to those of a documented kind. */
  readonly events?: readonly string[];
  /** Whether other names may be raised too. Default: as documented; of a new kind `false`, and then it needs events. */
  readonly open?: boolean;
  /**
   * Names of the kinds in whose resources those of this one may lie, at most 32: an event of one is announced there, too, as `ORDER_SHIPPED`.
   * Added to those of a documented kind.
   */
  readonly parents?: readonly string[];
  /**
   * What `${NAME}` in urls stands for: names joined by dots that lead to a value in the resource as payloads show it, `*` for all
   * of it. At most 128. They come before those of a documented kind.
   */
  readonly macros?: Readonly<Record<string, string>>;
}

const mostKinds = 200;
const mostEvents = 256;
const mostParents = 32;
const mostMacros = 128;
const longestPath = 256;
const mostProblems = 20;
const nameForm = /^[a-z][a-z0-9_]{0,31}$/;
const codeForm = /^[1-9][0-9]{2}$/;
const macroForm = /^[A-Z][A-Z0-9_]{0,63}$/;

const properties = [
  "name",
  "code",
  "events",
  "open",
  "parents",
  "macros",
] as const satisfies readonly (keyof KindInput)[];

type Declaration = Readonly<Record<string, unknown>>;

type ReadKinds =
  | { readonly kind: "ok"; readonly inputs: readonly KindInput[] }
  | { readonly kind: "refused"; readonly fields: readonly FieldError[] };

export function readKindInputs(inputs: unknown): ReadKinds {
  if (!Array.isArray(inputs) || inputs.length > mostKinds) {
    return { kind: "refused", fields: [{ path: "kinds", message: `must be a list of at most ${mostKinds}` }] };
  }
  const seen = { names: new Set<unknown>(), codes: new Set<unknown>() };
  const known = new Set([...ownKinds, ...hostKinds, ...inputs.filter(isRecord)].map(({ name }) => name));
  const fields = inputs.flatMap((input: unknown, index) => {
    const problems = [...kindProblems(input, seen), ...(isRecord(input) ? parentProblems(input, known) : [])];
    if (isRecord(input)) {
      seen.names.add(input["name"]);
      seen.codes.add(input["code"]);
    }
    return fieldsWithin(`kinds[${index}]`, problems);
  });
  return fields.length > 0
    ? { kind: "refused", fields: fields.slice(0, mostProblems) }
    : { kind: "ok", inputs: inputs as readonly KindInput[] };
}

interface Seen {
  readonly names: ReadonlySet<unknown>;
  readonly codes: ReadonlySet<unknown>;
}

function kindProblems(input: unknown, seen: Seen): readonly FieldError[] {
  if (!isRecord(input)) return [{ path: "", message: "must be an object with a name" }];
  return [
    ...unknownProperties(input),
    ...nameProblems(input, seen),
    ...codeProblems(input, seen),
    ...eventProblems(input),
    ...macroProblems(input),
  ];
}

function unknownProperties(input: Declaration): readonly FieldError[] {
  return Object.keys(input)
    .filter((name) => !(properties as readonly string[]).includes(name))
    .map((name) => ({
      path: name.slice(0, 64),
      message: `is not a known property.${didYouMean(name, properties)}`,
    }));
}

function nameProblems({ name }: Declaration, seen: Seen): readonly FieldError[] {
  const message = nameProblem(name, seen);
  return message === undefined ? [] : [{ path: "name", message }];
}

function nameProblem(name: unknown, seen: Seen): string | undefined {
  if (typeof name !== "string" || !nameForm.test(name)) {
    return "must be 1–32 of a–z, 0–9 and _, beginning with a letter, such as order";
  }
  if (ownKinds.some((own) => own.name === name))
    return `${name} is a kind of Signalbox's own, which a host can't change`;
  if (reservedNames.has(name)) return `${name} has another meaning already; choose another name`;
  return seen.names.has(name) ? `${name} is declared twice` : undefined;
}

function codeProblems({ name, code }: Declaration, seen: Seen): readonly FieldError[] {
  const message = code === undefined ? undefined : codeProblem(name, code, seen);
  return message === undefined ? [] : [{ path: "code", message }];
}

function codeProblem(name: unknown, code: unknown, seen: Seen): string | undefined {
  const known = hostKinds.find((kind) => kind.name === name);
  if (known !== undefined) {
    return code === known.code ? undefined : `must be ${known.code}, which is that of ${known.name}, or be left out`;
  }
  if (typeof code !== "string" || !codeForm.test(code)) return 'must be three digits from "100" to "999", as a text';
  if (code === sharedCode) return `${code} is for kinds without a code of their own: leave it out`;
  const taken = ownKinds.some((own) => own.code === code) || seen.codes.has(code);
  return taken ? `${code} is taken; choose another one from 100 to 999, or leave it out` : undefined;
}

function eventProblems({ name, events = [], open }: Declaration): readonly FieldError[] {
  const problems: FieldError[] = [];
  if (open !== undefined && typeof open !== "boolean")
    problems.push({ path: "open", message: "must be true or false" });
  if (!Array.isArray(events) || events.length > mostEvents) {
    return [...problems, { path: "events", message: `must be a list of at most ${mostEvents} names` }];
  }
  if (events.length === 0 && open !== true && !hostKinds.some((kind) => kind.name === name)) {
    problems.push({ path: "events", message: "must name at least one event, or open must be true" });
  }
  const message = "must be 1–32 of A–Z, a–z, 0–9 and _, beginning with a letter, such as SHIPPED";
  const misnamed = events.flatMap((event: unknown, index) =>
    typeof event === "string" && eventNameForm.test(event) ? [] : [{ path: `events[${index}]`, message }],
  );
  return [...problems, ...misnamed];
}

function parentProblems({ parents = [] }: Declaration, known: ReadonlySet<unknown>): readonly FieldError[] {
  if (!Array.isArray(parents) || parents.length > mostParents) {
    return [{ path: "parents", message: `must be a list of at most ${mostParents} names of kinds` }];
  }
  return parents.flatMap((parent: unknown, index) =>
    known.has(parent)
      ? []
      : [{ path: `parents[${index}]`, message: "must be the name of a kind that is known, such as system" }],
  );
}

const everyKinds = new Set<string>([...commonMacros, ...Object.keys(permissionMacros)]);

function macroProblems({ macros = {} }: Declaration): readonly FieldError[] {
  if (!isRecord(macros) || Object.keys(macros).length > mostMacros) {
    return [{ path: "macros", message: `must be an object of at most ${mostMacros} names with paths` }];
  }
  return fieldsWithin(
    "macros",
    Object.entries(macros).flatMap(([name, path]) => {
      const message = macroProblem(name, path);
      return message === undefined ? [] : [{ path: name.slice(0, 64), message }];
    }),
  );
}

function macroProblem(name: string, path: unknown): string | undefined {
  if (!macroForm.test(name)) return "must have a name of 1–64 of A–Z, 0–9 and _, beginning with a letter";
  if (everyKinds.has(name)) return "is a macro of every kind already, which can't be changed";
  const sane = typeof path === "string" && path.length <= longestPath && path.split(".").every((part) => part !== "");
  return sane
    ? undefined
    : `must be names joined by dots, such as customer.id, or *: at most ${longestPath} characters`;
}
