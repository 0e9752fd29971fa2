import type { BucketConfigurations, ConfigurationName } from "../../../domain/bucket-configurations.ts";
import type { S3ErrorCode } from "./errors.ts";
import type { XmlElement } from "./xml-read.ts";
import type { XmlContent } from "./xml-write.ts";

/** How one document of a bucket is read and written. */
export interface ConfigurationForm<Name extends ConfigurationName> {
  readonly name: Name;
  readonly root: string;
  /** What a bucket without one is answered; an empty document when there is no error for it. */
  readonly absent?: S3ErrorCode;
  /** `undefined`: the document says that there is to be none. @throws S3Error MalformedXML, NotImplemented … */
  readonly read: (root: XmlElement) => BucketConfigurations[Name] | undefined;
  readonly write: (value: BucketConfigurations[Name]) => XmlContent;
}
