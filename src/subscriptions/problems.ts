import { fieldsText } from "../domain/path.ts";
import { type FieldError, SignalboxError } from "../errors.ts";

/** What is wrong with a request: everything, to be reported at once, or the first of it. */

const most = 20;

export class Problems {
  readonly #fields: FieldError[] = [];
  readonly #tellsAll: boolean;

  constructor(tellsAll = true) {
    this.#tellsAll = tellsAll;
  }

  /** No more are collected. */
  get isFull(): boolean {
    return this.#fields.length >= most;
  }

  add(path: string, message: string): void {
    if (this.#fields.length < most) this.#fields.push({ path: path.slice(0, 64), message });
  }

  /** What `read` gives; when it refuses its field, that is noted, and `otherwise` stands in until all are thrown together. */
  read<T>(otherwise: T, read: () => T): T {
    try {
      return read();
    } catch (thrown) {
      if (!this.#tellsAll || !(thrown instanceof SignalboxError) || thrown.fields.length === 0) throw thrown;
      for (const { path, message } of thrown.fields) this.add(path, message);
      return otherwise;
    }
  }

  /** @throws SignalboxError `invalid_request` with every field that is wrong, if any is. */
  tell(): void {
    const fields = this.#fields;
    if (fields.length > 0) throw new SignalboxError("invalid_request", fieldsText(fields), { fields });
  }
}
