/** Tells dispatch that an event which had been set aside waits again. */
export class AsideAgain {
  #listener: ((tenant: string) => void) | undefined;

  listen(listener: (tenant: string) => void): void {
    this.#listener = listener;
  }

  /** What is told before anyone listens is found in the store by who begins to. */
  tell(tenant: string): void {
    this.#listener?.(tenant);
  }
}
