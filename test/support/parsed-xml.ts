import { readingCompleteMultipart, readingDeleteObjects } from "../../src/faces/s3/wire/xml.ts";
import { inOneGo } from "../../src/faces/s3/wire/xml-read.ts";

export const parseDeleteObjects = (body: Buffer) => inOneGo(readingDeleteObjects(body));
export const parseCompleteMultipart = (body: Buffer) => inOneGo(readingCompleteMultipart(body));
