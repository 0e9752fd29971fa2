/** Where bodies lie in an S3, of whichever make. */
export interface S3Place {
  readonly bucket: string;
  /** Empty, or ends with `/`. */
  readonly prefix: string;
  /** `undefined`: Amazon's own. */
  readonly endpoint: string | undefined;
  /** `undefined`: as the AWS environment says; of another endpoint `us-east-1`. */
  readonly region: string | undefined;
  /** Whether the bucket stands in the path, and not in the host. */
  readonly pathStyle: boolean;
}

export interface S3Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** For people: without anything secret. */
export function shownPlace({ bucket, prefix, endpoint }: S3Place): string {
  return `s3://${bucket}/${prefix.slice(0, -1)}${endpoint === undefined ? "" : ` at ${endpoint}`}`;
}
