/**
 * Whether a bucket may be created with this name, after "Bucket naming rules" of S3: 3 to 63 of lower-case letters, digits, dots
 * and hyphens; begins and ends with a letter or digit, and so does each of its labels between dots; not an IPv4 address. Names that S3 keeps for
 * its own access points are not special here.
 */
export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !/[.-]\.|\.-/.test(name) &&
    !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name)
  );
}
