import type { IncomingMessage } from "node:http";
import { shortened } from "../../../domain/plain-text.ts";
import { otherCharset } from "../../http/charset.ts";
import type { S3Exchange } from "../exchange.ts";
import { maxParameters } from "../limits.ts";
import { readSmallBody } from "../wire/body.ts";
import { bodySpec } from "../wire/body-spec.ts";
import { S3Error } from "../wire/errors.ts";
import { parseRawQuery, utf8Text } from "../wire/raw-url.ts";
import { invalidParameter, SnsError } from "./errors.ts";

/** An action of SNS is a form that is posted to the root of the endpoint. */

/** Fifty tags of 384 characters, each written as escapes of three bytes, would be more; nothing that is taken here comes near it. */
const maxActionBytes = 64 * 1024;

/** By the length that is announced, and by what comes. */
const tooLong: ReadonlySet<string> = new Set(["EntityTooLarge", "MaxMessageLengthExceeded"]);

/** Whether a request is one; none is a request of S3, which posts to buckets and to objects. */
export function isAction({ method, url, headers }: IncomingMessage): boolean {
  return (
    method === "POST" && url === "/" && /^\s*application\/x-www-form-urlencoded\b/i.test(headers["content-type"] ?? "")
  );
}

/** @throws SnsError; S3Error for a body that is too long, or not all there. */
export async function receiveAction(exchange: S3Exchange): Promise<Buffer> {
  const { headers } = exchange.request;
  const charset = otherCharset(headers["content-type"]);
  if (charset !== undefined) {
    throw new SnsError("InvalidParameter", `the form is said to be in ${JSON.stringify(charset)}: send it as UTF-8`);
  }
  try {
    const spec = bodySpec(headers, { payload: { kind: "unsigned" } }, { maxBytes: maxActionBytes });
    exchange.letBodyCome();
    return await readSmallBody(exchange.request, spec, maxActionBytes);
  } catch (thrown) {
    if (!(thrown instanceof S3Error) || !tooLong.has(thrown.code)) throw thrown;
    throw new SnsError("RequestEntityTooLarge", `the form has more than ${maxActionBytes} bytes`, { cause: thrown });
  }
}

/** What a form says. */
export class Parameters {
  readonly #values = new Map<string, string>();

  /** @throws SnsError InvalidParameter for too many of them, one that comes twice, and what is no UTF-8. */
  constructor(body: Buffer) {
    const text = body.toString("latin1");
    let ends = 0;
    for (let at = text.indexOf("&"); at !== -1; at = text.indexOf("&", at + 1)) ends += 1;
    if (ends >= maxParameters)
      throw new SnsError("InvalidParameter", `there are more than ${maxParameters} parameters`);
    for (const [name, value] of parseRawQuery(text)) {
      const [key, said] = [utf8Text(name), utf8Text(value)];
      if (key === undefined || said === undefined) throw invalidParameter(shortened(name), "is not UTF-8");
      if (this.#values.has(key)) throw invalidParameter(shortened(key), "is given more than once");
      this.#values.set(key, said);
    }
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** @throws SnsError InvalidParameter without it. */
  need(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined || value === "") throw invalidParameter(name, "is missing");
    return value;
  }

  /**
   * Nothing is taken that is not kept.
   *
   * @param known names, and how names begin that end in a dot.
   * @throws SnsError InvalidParameter for one that is neither.
   */
  refuseOthers(known: readonly string[]): void {
    for (const name of this.#values.keys()) {
      if (known.some((one) => name === one || (one.endsWith(".") && name.startsWith(one)))) continue;
      const said = known.map((one) => (one.endsWith(".") ? `${one}1…` : one)).join(", ");
      throw invalidParameter(shortened(name), `is not known here: there are ${said}`);
    }
  }

  /** A list, as `TagKeys.member.1` says it. @throws SnsError InvalidParameter for what has no number. */
  list(prefix: string): readonly string[] {
    return [...this.#values].flatMap(([name, value]) => {
      if (!name.startsWith(prefix)) return [];
      if (/^\d{1,4}$/.test(name.slice(prefix.length))) return [value];
      throw invalidParameter(shortened(name), `is none: say ${prefix}1`);
    });
  }

  /**
   * A map or a list of pairs, as `Attributes.entry.1.key` and `Attributes.entry.1.value` say it.
   *
   * @throws SnsError InvalidParameter for half a pair, and a key that comes twice.
   */
  pairs(prefix: string, [first, second]: readonly [string, string]): ReadonlyMap<string, string> {
    const pairs = new Map<string, string>();
    for (const [name, key] of this.#values) {
      if (!name.startsWith(prefix)) continue;
      const [, number] = /^(\d{1,4})\.([A-Za-z]+)$/.exec(name.slice(prefix.length)) ?? [];
      if (number === undefined || (!name.endsWith(`.${first}`) && !name.endsWith(`.${second}`))) {
        throw invalidParameter(shortened(name), `is none: say ${prefix}1.${first} and ${prefix}1.${second}`);
      }
      const value = this.#values.get(`${prefix}${number}.${second}`);
      if (value === undefined || !this.#values.has(`${prefix}${number}.${first}`)) {
        throw invalidParameter(`${prefix}${number}`, `needs a ${first} and a ${second}`);
      }
      if (!name.endsWith(`.${first}`)) continue;
      if (pairs.has(key)) throw invalidParameter(shortened(key), "is given more than once");
      pairs.set(key, value);
    }
    return pairs;
  }
}
