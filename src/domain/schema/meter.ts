/** What a run may still spend on what is dearer than a step: patterns and `uniqueItems`. */
export class SchemaBudget {
  readonly #budget: number;
  #left = 0;

  constructor(budget: number) {
    this.#budget = budget;
  }

  reset(): void {
    this.#left = this.#budget;
  }

  /** @throws {TooCostly} */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new TooCostly();
  }
}

/**
 * How a run that takes too long ends. Never leaves {@link compileSchema}'s checks. Thrown, since the programs that Ajv makes have no other way
 * to be left at once: a keyword that only says no lets them go on.
 */
export class TooCostly extends Error {
  override readonly name = "TooCostly";
}
