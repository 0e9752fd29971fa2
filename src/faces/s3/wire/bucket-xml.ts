import { type LaterConfigurationName, maxBucketTags, objectOwnerships } from "../../../domain/bucket-configurations.ts";
import { defined } from "../../../domain/defined.ts";
import type { ConfigurationForm } from "./configuration-form.ts";
import { corsForm } from "./cors-xml.ts";
import { S3Error } from "./errors.ts";
import { checkTags, tagList } from "./tags.ts";
import { readTagSet } from "./xml.ts";
import { childrenOf, childText, malformedXml, onlyChildren, type XmlElement } from "./xml-read.ts";

/**
 * The documents that say something of a bucket as a whole. What is the case here anyway is kept and given back, so that tools that describe
 * buckets find them as described; what would promise more is refused by name.
 */
const accelerate: ConfigurationForm<"accelerate"> = {
  name: "accelerate",
  root: "AccelerateConfiguration",
  read: (root) => {
    onlyChildren(root, ["Status"]);
    return suspended(root, "There is no transfer acceleration here: Status can only be Suspended.");
  },
  write: ({ status }) => ({ Status: status }),
};

const versioning: ConfigurationForm<"versioning"> = {
  name: "versioning",
  root: "VersioningConfiguration",
  read: (root) => {
    onlyChildren(root, ["Status", "MfaDelete"]);
    const mfa = childText(root, "MfaDelete")?.trim() ?? "Disabled";
    if (mfa !== "Disabled") throw new S3Error("NotImplemented", "MFA delete is not implemented.");
    const remedy = "Older versions of objects are not kept here: Status can only be Suspended.";
    return suspended(root, remedy);
  },
  write: ({ status }) => ({ Status: status }),
};

function suspended(root: XmlElement, otherwise: string): { readonly status: "Suspended" } {
  const status = childText(root, "Status")?.trim();
  if (status === "Enabled") throw new S3Error("NotImplemented", otherwise);
  if (status !== "Suspended") throw malformedXml("Status must be Enabled or Suspended");
  return { status };
}

const encryption: ConfigurationForm<"encryption"> = {
  name: "encryption",
  root: "ServerSideEncryptionConfiguration",
  absent: "ServerSideEncryptionConfigurationNotFoundError",
  read: (root) => {
    onlyChildren(root, ["Rule"]);
    const rule = onlyChild(root, "Rule");
    onlyChildren(rule, ["ApplyServerSideEncryptionByDefault", "BucketKeyEnabled"]);
    const byDefault = onlyChild(rule, "ApplyServerSideEncryptionByDefault");
    onlyChildren(byDefault, ["SSEAlgorithm", "KMSMasterKeyID"]);
    const algorithm = childText(byDefault, "SSEAlgorithm")?.trim();
    if (algorithm !== "AES256") {
      if (algorithm !== "aws:kms" && algorithm !== "aws:kms:dsse") throw malformedXml("SSEAlgorithm is not known");
      throw new S3Error("NotImplemented", `${algorithm} is not implemented: SSEAlgorithm can only be AES256.`);
    }
    if ((childText(byDefault, "KMSMasterKeyID") ?? "").trim() !== "") {
      throw new S3Error("InvalidArgument", "A KMSMasterKeyID goes with aws:kms only.");
    }
    const bucketKey = flag(rule, "BucketKeyEnabled");
    return { algorithm, ...defined({ bucketKey }) };
  },
  write: ({ algorithm, bucketKey }) => ({
    Rule: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: algorithm }, BucketKeyEnabled: bucketKey ?? false },
  }),
};

const ownershipControls: ConfigurationForm<"ownershipControls"> = {
  name: "ownershipControls",
  root: "OwnershipControls",
  absent: "OwnershipControlsNotFoundError",
  read: (root) => {
    onlyChildren(root, ["Rule"]);
    const rule = onlyChild(root, "Rule");
    onlyChildren(rule, ["ObjectOwnership"]);
    const asked = childText(rule, "ObjectOwnership")?.trim();
    const known = objectOwnerships.find((ownership) => ownership === asked);
    if (known === undefined) throw malformedXml(`ObjectOwnership must be one of ${objectOwnerships.join(", ")}`);
    return known;
  },
  write: (ownership) => ({ Rule: { ObjectOwnership: ownership } }),
};

const publicAccessBlock: ConfigurationForm<"publicAccessBlock"> = {
  name: "publicAccessBlock",
  root: "PublicAccessBlockConfiguration",
  absent: "NoSuchPublicAccessBlockConfiguration",
  read: (root) => {
    onlyChildren(root, ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]);
    return {
      blockPublicAcls: flag(root, "BlockPublicAcls") ?? false,
      ignorePublicAcls: flag(root, "IgnorePublicAcls") ?? false,
      blockPublicPolicy: flag(root, "BlockPublicPolicy") ?? false,
      restrictPublicBuckets: flag(root, "RestrictPublicBuckets") ?? false,
    };
  },
  write: ({ blockPublicAcls, ignorePublicAcls, blockPublicPolicy, restrictPublicBuckets }) => ({
    BlockPublicAcls: blockPublicAcls,
    IgnorePublicAcls: ignorePublicAcls,
    BlockPublicPolicy: blockPublicPolicy,
    RestrictPublicBuckets: restrictPublicBuckets,
  }),
};

const tagging: ConfigurationForm<"tagging"> = {
  name: "tagging",
  root: "Tagging",
  absent: "NoSuchTagSet",
  read: (root) => {
    onlyChildren(root, ["TagSet"]);
    const tags = checkTags(readTagSet(root), { max: maxBucketTags, what: "A bucket" });
    if (tags.length === 0) return undefined;
    return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  },
  write: (tags) => ({ TagSet: { Tag: tagList(tags) } }),
};

export const configurationForms: { readonly [Name in LaterConfigurationName]: ConfigurationForm<Name> } = {
  accelerate,
  cors: corsForm,
  encryption,
  ownershipControls,
  publicAccessBlock,
  tagging,
  versioning,
};

/** `PUT ?requestPayment`: that the owner pays is what is so, and nothing is kept of it. @throws S3Error */
export function judgeRequestPayment(root: XmlElement): void {
  onlyChildren(root, ["Payer"]);
  const payer = childText(root, "Payer")?.trim();
  if (payer === "Requester") {
    throw new S3Error("NotImplemented", "Nobody pays for requests here: Payer can only be BucketOwner.");
  }
  if (payer !== "BucketOwner") throw malformedXml("Payer must be BucketOwner or Requester");
}

/** `PUT ?logging`: that nothing is logged into a bucket is what is so. @throws S3Error */
export function judgeLogging(root: XmlElement): void {
  onlyChildren(root, ["LoggingEnabled"]);
  if (root.children.length === 0) return;
  throw new S3Error("NotImplemented", "Logging into a bucket is not implemented: only an empty document can be put.");
}

function onlyChild(parent: XmlElement, name: string): XmlElement {
  const [child, ...others] = childrenOf(parent, name);
  if (child === undefined || others.length > 0) throw malformedXml(`${parent.name} needs one ${name}`);
  return child;
}

function flag(parent: XmlElement, name: string): boolean | undefined {
  const text = childText(parent, name)?.trim().toLowerCase();
  if (text === undefined) return undefined;
  if (text !== "true" && text !== "false") throw malformedXml(`${name} must be true or false`);
  return text === "true";
}
