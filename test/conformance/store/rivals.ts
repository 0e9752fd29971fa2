import type { Condition } from "../../../src/store/unit.ts";
import type { Scene } from "./arena.ts";
import { rivalsOfIdentities } from "./rivals-of-identities.ts";
import { rivalsOfThings } from "./rivals-of-things.ts";

/** Nothing makes this one false. */
type Lasting = "tenant.exists";

/** Every other condition is named here: a new one does not compile until it is. */
export const rivalsOf: Readonly<Record<Exclude<Condition["if"], Lasting>, Scene>> = {
  ...rivalsOfIdentities,
  ...rivalsOfThings,
};
