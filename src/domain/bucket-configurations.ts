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
interface PublicAccessBlock {
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
  /** The region named at creation. There is only one, but answers give it back as it was written. */
  readonly location: string;
  readonly encryption: { readonly algorithm: "AES256"; readonly bucketKey?: boolean };
  readonly ownershipControls: ObjectOwnership;
  readonly publicAccessBlock: PublicAccessBlock;
  readonly tagging: Readonly<Record<string, string>>;
  readonly versioning: { readonly status: "Suspended" };
}

export type ConfigurationName = keyof BucketConfigurations;
/** Those that are said of a bucket that is there; the other is said when it is made. */
export type LaterConfigurationName = Exclude<ConfigurationName, "location">;

/** Of one in JSON. With the number of names it bounds what a bucket may keep, and with the quota of buckets what a tenant may. */
export const maxConfigurationBytes = 64 * 1024;

/** S3's own. */
export const maxBucketTags = 50;
export const maxCorsRules = 100;

/** What a page asks for. */
export interface CorsAsked {
  readonly origin: string;
  readonly method: string;
  /** In lower case. */
  readonly headers: readonly string[];
}

/** A rule that lets a page through, by which of its origins. */
export interface CorsFound {
  readonly rule: CorsRule;
  readonly origin: string;
}

/**
 * The first rule that lets a page of `origin` send a request of this method and with these headers. Yields after each rule and each header:
 * rules may have hundreds of names, and so may requests.
 */
export function* findingCorsRule(
  rules: readonly CorsRule[],
  { origin, method, headers }: CorsAsked,
): Generator<void, CorsFound | undefined, void> {
  for (const rule of rules) {
    yield;
    if (!rule.methods.some((allowed) => allowed === method)) continue;
    const found = rule.origins.find((pattern) => fits(pattern, origin));
    if (found === undefined) continue;
    let isLet = true;
    for (const name of headers) {
      isLet = rule.headers.some((pattern) => fits(pattern.toLowerCase(), name));
      if (!isLet) break;
      yield;
    }
    if (isLet) return { rule, origin: found };
  }
  return undefined;
}

/** Comparisons that finding a rule may take. */
export function costOfCors(rules: readonly CorsRule[], { headers }: CorsAsked): number {
  return rules.reduce((sum, rule) => sum + rule.origins.length + rule.headers.length * headers.length, 0);
}

/** `*` stands for any text, once. */
function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf("*");
  if (star === -1) return pattern === text;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}
