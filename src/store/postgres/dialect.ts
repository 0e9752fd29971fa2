import { shardCount } from "../cluster.ts";
import type { Check, Sql, Step } from "../sql/step.ts";

/**
 * The statements of `store/sql` as PostgreSQL takes them. They are written so that little is left to translate: parameters, the names of indexes that
 * SQLite's planner is told, JSON in columns of text, and what stands in a comment of SQLite's that begins with `postgres`. Functions that only SQLite has
 * are made by the schema.
 */
interface Translated {
  /** The same for the same text: under it the statement is kept prepared. */
  readonly name: string;
  readonly text: string;
  /** Which of the values it takes, in the order of its parameters: PostgreSQL wants each to be used. */
  readonly takes: readonly number[];
}

/** For `pg`. */
interface PostgresQuery {
  readonly name: string;
  readonly text: string;
  readonly values: Sql[];
}

const translated = new Map<string, Translated>();

function toPostgres(sql: string): Translated {
  let found = translated.get(sql);
  if (found === undefined) {
    found = { name: `s${translated.size + 1}`, ...translate(sql) };
    translated.set(sql, found);
  }
  return found;
}

/** A statement with its values. */
export function postgresQuery({ sql, params }: Step): PostgresQuery {
  const { name, text, takes } = toPostgres(sql);
  return { name, text, values: takes.map((index) => storable(params[index] ?? null)) };
}

/** Conditions in one statement: there are few kinds of units, and so few such statements. */
const requiredTogether = 4;
const required = new Map<string, Pick<Translated, "name" | "text">>();

/** Each raises `SB001`, with its place as the message, unless the query gives a row (`row`) or none (`none`). */
export function requirements(checks: readonly Check[]): PostgresQuery[] {
  const queries: PostgresQuery[] = [];
  for (let from = 0; from < checks.length; from += requiredTogether) {
    const some = checks.slice(from, from + requiredTogether);
    const { name, text } = togetherRequired(some);
    const values = some.flatMap((check, index) => [...postgresQuery(check).values, from + index]);
    queries.push({ name, text, values });
  }
  return queries;
}

function togetherRequired(checks: readonly Check[]): Pick<Translated, "name" | "text"> {
  const key = checks.map(({ sql, expect }) => `${toPostgres(sql).name}${expect}`).join(" ");
  let found = required.get(key);
  if (found === undefined) {
    found = { name: `r${required.size + 1}`, text: requiring(checks) };
    required.set(key, found);
  }
  return found;
}

function requiring(checks: readonly Check[]): string {
  let before = 0;
  const each = checks.map(({ sql, expect }) => {
    const { text, takes } = toPostgres(sql);
    const from = before;
    before += takes.length + 1;
    const own = text.replace(/\$(\d+)/g, (_, number: string) => `$${Number(number) + from}`);
    return `require(${expect === "row" ? "" : "NOT "}EXISTS (${own}), $${before})`;
  });
  return `SELECT ${each.join(", ")}`;
}

/**
 * The first rows of a statement whose column `data` has together no more than so many characters in those before the last: what
 * is left out does not cross the network.
 */
export function upTo({ sql, params }: Step, characters: number): PostgresQuery {
  const { name, text, takes } = toPostgres(sql);
  return {
    name: `${name}cut`,
    text: `SELECT * FROM (SELECT q.*, coalesce(sum(length(q.data)) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
      FROM (${text}) q) cut WHERE before < $${takes.length + 1}`,
    values: [...takes.map((index) => storable(params[index] ?? null)), characters],
  };
}

/** PostgreSQL keeps every character but NUL, and no half of a pair: both become U+FFFD. */
export function storable(value: Sql): Sql {
  if (typeof value !== "string") return value;
  const text = value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;
  return text.toWellFormed();
}

const onlyHere = /\/\*postgres (.*?)\*\//g;
const hint = / INDEXED BY \w+/g;
const operand = String.raw`(?:\w+\.)?\w+`;
const jsonMember = new RegExp(String.raw`(${operand}) ->> ('[^']*'|\?\d+|${operand})`, "g");
/** Each part of the log has its own. */
const watermark = "(SELECT value FROM meta WHERE key = 'watermark')";
const done = `sequence <= ${watermark}`;
const notDone = `sequence > ${watermark}`;
const ofShard = `sequence <= (SELECT watermark FROM shard WHERE id = (sequence & ${shardCount - 1}))`;
/** Of news: the writers of one database count together. */
const nextNews = /\(SELECT coalesce\(max\(last\), 0\) FROM news\) \+ (\?\d+|\d+)/g;
/** Or a text, in which none is. */
const parameter = /'[^']*'|\?(\d*)/g;

function translate(sql: string): Pick<Translated, "text" | "takes"> {
  const takes: number[] = [];
  let unnumbered = 0;
  const text = sql
    .replace(onlyHere, "$1")
    .replace(hint, "")
    .replace(jsonMember, "json_member($1, $2)")
    .replace(nextNews, "next_news($1)")
    .replaceAll("substr(scope, -3)", "right(scope, 3)")
    .replaceAll(done, ofShard)
    .replaceAll(
      notDone,
      `sequence > (SELECT min(watermark) FROM shard WHERE id >= 0) AND ${ofShard.replace("<=", ">")}`,
    )
    .replaceAll("json_object(", "json_build_object(")
    .replaceAll("json_group_array(", "json_agg(")
    .replace(parameter, (found, number: string | undefined) => {
      if (number === undefined) return found;
      const index = number === "" ? unnumbered++ : Number(number) - 1;
      const known = takes.indexOf(index);
      return `$${known >= 0 ? known + 1 : takes.push(index)}`;
    });
  return { text, takes };
}
