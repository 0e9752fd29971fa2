/** Derived signing keys, so that a busy client costs four HMACs a day and not four per request. Bounded. */
export class SigningKeys {
  readonly max: number;

  constructor(max = 1000) {
    this.max = max;
  }
}
