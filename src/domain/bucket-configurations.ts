/** What may be said of a bucket as a whole, and is given back as it was said. */

/** From where scripts of web pages may ask for what lies in a bucket. */
export interface CorsRule {
  readonly id?: string;
  /** `https://example.com`, `*`, with one `*` each at most. */
  readonly origins: readonly string[];
  readonly methods: readonly CorsMethod[];
  /** Of requests; names in any case, with one `*` each at most. */
  readonly headers: readonly string[];
  /** Of answers, which scripts get to read. */
  readonly exposed: readonly string[];
  /** How long a browser may remember what a preflight was answered. */
  readonly maxAgeSeconds?: number;
}

export const corsMethods = ["GET", "PUT", "POST", "DELETE", "HEAD"] as const;
export type CorsMethod = (typeof corsMethods)[number];

/** Nothing is public here, whatever these say. */
export interface PublicAccessBlock {
  readonly blockPublicAcls: boolean;
  readonly ignorePublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly restrictPublicBuckets: boolean;
}

export const objectOwnerships = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"] as const;
export type ObjectOwnership = (typeof objectOwnerships)[number];

/** By name, as the S3 API calls them in its URLs. */
export interface BucketConfigurations {
  readonly accelerate: { readonly status: "Suspended" };
  readonly cors: readonly CorsRule[];
  readonly encryption: { readonly algorithm: "AES256"; readonly bucketKey?: boolean };
  readonly ownershipControls: ObjectOwnership;
  readonly publicAccessBlock: PublicAccessBlock;
  readonly tagging: Readonly<Record<string, string>>;
  readonly versioning: { readonly status: "Suspended" };
}

export type ConfigurationName = keyof BucketConfigurations;

/** Of one in JSON. With the number of names it bounds what a bucket may keep, and with the quota of buckets what a tenant may. */
export const maxConfigurationBytes = 64 * 1024;

/** S3's own. */
export const maxBucketTags = 50;
export const maxCorsRules = 100;

/**
 * The first rule that lets a page of `origin` send a request of this method and with these headers; what is not asked about is let through.
 *
 * @param headers in lower case
 */
export function corsRuleFor(
  rules: readonly CorsRule[],
  {
    origin,
    method,
    headers,
  }: { readonly origin: string; readonly method: string; readonly headers: readonly string[] },
): CorsRule | undefined {
  return rules.find(
    (rule) =>
      rule.methods.some((allowed) => allowed === method) &&
      rule.origins.some((pattern) => fits(pattern, origin)) &&
      headers.every((name) => rule.headers.some((pattern) => fits(pattern.toLowerCase(), name))),
  );
}

/** `*` stands for any text, once. */
function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf("*");
  if (star === -1) return pattern === text;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}
