import type { Progress } from "../check/progress.ts";
import type { Client, CliRequest } from "./client.ts";

/** A command that asks the API, as data: its words, what it takes, what it asks, what of the answer is shown. */

export interface Option {
  readonly about: string;
  /** What stands for its value in help; a flag without a value when absent. */
  readonly value?: string;
  /** May be given more than once. */
  readonly many?: boolean;
}

export interface Given {
  readonly positionals: readonly string[];
  readonly text: (name: string) => string | undefined;
  readonly texts: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
}

export type Command = Described & (Asking | Acting | FollowingCommand);

interface Described {
  readonly words: string;
  readonly about: string;
  readonly positionals?: readonly string[];
  /** How many of the positionals must be there. Default: all. */
  readonly needed?: number;
  readonly options?: Readonly<Record<string, Option>>;
  /** For lists: the noun in the answer, and the columns of the table, as paths into each entry. */
  readonly list?: { readonly of: string; readonly columns: readonly string[]; readonly paged: boolean };
  /** How what is not a list is shown; one field a line by default. */
  readonly print?: (data: Readonly<Record<string, unknown>>) => string;
  /** Of the answer: what a person at a terminal is to see in a browser. */
  readonly opens?: (data: Readonly<Record<string, unknown>>) => string;
  /** Why the command failed although the API did what it was asked. */
  readonly failure?: (data: Readonly<Record<string, unknown>>) => string | undefined;
}

interface Asking {
  readonly request: (given: Given) => CliRequest;
}

/** What takes more than one request. */
interface Acting {
  readonly run: (given: Given, api: Client, progress: Progress) => Promise<Readonly<Record<string, unknown>>>;
}

/** Of commands that change one thing. */
export const ifMatchOption: Readonly<Record<string, Option>> = {
  "if-match": { value: "etag", about: "Only while this is its etag, as show tells it" },
};

export function ifMatchOf(given: Given): Pick<CliRequest, "ifMatch"> {
  return { ifMatch: given.text("if-match") };
}

/** What a command that goes on has at hand. */
export interface AtHand {
  readonly api: Client;
  readonly token: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof globalThis.fetch;
  /** Prints a line. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** What prints as it goes on, until it is stopped. */
interface FollowingCommand {
  readonly follow: (given: Given, atHand: AtHand) => Promise<void>;
}

export const part = (text: string | undefined): string => encodeURIComponent(text ?? "");

export function present(entries: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

export function pickTexts(given: Given, names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, given.text(name)]));
}

/** A number as the API wants it; anything else goes as it is, for the API to refuse by name. */
export function number(text: string | undefined): unknown {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** `user:password`, `name: value` and the like; the first separator counts. */
export function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at).trim(), text.slice(at + separator.length).trim()];
}
