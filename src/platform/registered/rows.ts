import { setImmediate } from "node:timers/promises";
import { fieldsText, fieldsWithin } from "../../domain/path.ts";
import { type FieldError, invalidField, SignalboxError } from "../../errors.ts";

/** Many of a kind in one request: all of them are judged, and what is wrong is named by the place of its row. */

/** Rows of one request. */
const mostRows = 1_000;
const mostNamed = 100;
const mostTold = 10;
/** The loop is left to others after so long. */
const turnMs = 5;

/** One of them, and where it stands in the request: `events[3]`; empty where there is only one. */
export interface RequestRow<T> {
  readonly at: string;
  readonly said: T;
}

/** @throws SignalboxError `invalid_request` when there are none, or more than {@link mostRows}, or one is no object. */
export function rowsOf<T>(field: string, said: unknown): readonly RequestRow<T>[] {
  if (!Array.isArray(said) || said.length === 0 || said.length > mostRows) {
    throw invalidField(field, `must be a list of 1 to ${mostRows.toLocaleString("en")}`);
  }
  return said.map((one: unknown, index) => {
    const at = `${field}[${index}]`;
    if (typeof one !== "object" || one === null) throw invalidField(at, "must be an object");
    return { at, said: one as T };
  });
}

/**
 * What each row comes to, in their order, with turns for others in between.
 *
 * @throws SignalboxError of the first row that throws one, with the fields of all that do; as it is where there is only one row and no place.
 */
export async function eachRow<T, Read>(
  rows: readonly RequestRow<T>[],
  read: (row: RequestRow<T>) => Promise<Read>,
): Promise<Read[]> {
  const done: Read[] = [];
  const refused: RowRefusal[] = [];
  let turnSince = performance.now();
  for (const row of rows) {
    try {
      done.push(await read(row));
    } catch (thrown) {
      if (!(thrown instanceof SignalboxError) || thrown.status >= 500 || row.at === "") throw thrown;
      refused.push(rowRefusal(row.at, thrown));
    }
    if (performance.now() - turnSince < turnMs) continue;
    await setImmediate();
    turnSince = performance.now();
  }
  if (refused.length > 0) throw refusalOf(refused);
  return done;
}

interface RowRefusal {
  readonly error: SignalboxError;
  readonly fields: readonly FieldError[];
}

function rowRefusal(at: string, error: SignalboxError): RowRefusal {
  const { fields, message } = error;
  return { error, fields: fields.length === 0 ? [{ path: at, message }] : fieldsWithin(at, fields) };
}

function refusalOf(refused: readonly RowRefusal[]): SignalboxError {
  const { error } = refused[0] as RowRefusal;
  const fields = refused.flatMap((one) => one.fields);
  const more = fields.length - mostTold;
  const text = fieldsText(fields.slice(0, mostTold)) + (more > 0 ? `; and ${more} more` : "");
  return new SignalboxError(error.code, text, { fields: fields.slice(0, mostNamed) });
}
