/** What was made of the texts that were asked for last. */
export class Memo<Made> {
  readonly #most: number;
  readonly #make: (text: string) => Made;
  /** The one that was asked for last comes last. */
  readonly #kept = new Map<string, Made>();

  constructor(most: number, make: (text: string) => Made) {
    this.#most = most;
    this.#make = make;
  }

  get(text: string): Made {
    const made = this.#kept.get(text) ?? this.#make(text);
    this.#kept.delete(text);
    this.#kept.set(text, made);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest);
    return made;
  }
}
