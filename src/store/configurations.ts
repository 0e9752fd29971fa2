import type { BucketConfigurations, ConfigurationName, CorsRule } from "../domain/bucket-configurations.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Page } from "./page.ts";

/** What was said of buckets as a whole. It goes with its bucket. */
export interface Configurations {
  of<Name extends ConfigurationName>(bucket: Uuid, name: Name): Promise<BucketConfigurations[Name] | undefined>;
  /** The rules of CORS of every live bucket of this name, whosever it is, by uuid. */
  corsOfName(name: string, page: Page<Uuid>): Promise<{ readonly bucket: Uuid; readonly rules: readonly CorsRule[] }[]>;
}

/** A configuration with its value. */
export type NamedConfiguration = {
  readonly [Name in ConfigurationName]: { readonly name: Name; readonly value: BucketConfigurations[Name] };
}[ConfigurationName];

export type ConfigurationChange =
  /** Adds or replaces (by bucket and name). */
  | { readonly do: "configuration.put"; readonly bucket: Uuid; readonly configuration: NamedConfiguration }
  | { readonly do: "configuration.remove"; readonly bucket: Uuid; readonly name: ConfigurationName };
