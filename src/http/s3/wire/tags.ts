export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** `x-amz-tagging: a=b&c=d`. */
export function parseTaggingHeader(_value: string): readonly Tag[] {
  throw new Error("not yet");
}
