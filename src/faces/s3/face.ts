import { STATUS_CODES } from "node:http";
import type { Clock } from "../../clock.ts";
import type { ConnectionAnswers } from "../http/front/connections.ts";
import { errorXml, S3Error } from "./wire/errors.ts";

/** How the S3 endpoint speaks where there is no request to answer, or none that can be read on. */
export function s3Face(clock: Clock): ConnectionAnswers {
  return {
    tooMany: rawAnswer(new S3Error("SlowDown"), clock, "retry-after: 1\r\n"),
    tooSlow: (_request, response) => {
      const body = documentOf(new S3Error("RequestTimeout"), clock);
      const length = Buffer.byteLength(body);
      response.writeHead(400, { "content-type": "application/xml", "content-length": length, connection: "close" });
      response.end(body);
    },
    isSignedUrl: (text) => text.includes("signature="),
  };
}

/** A whole answer, for a socket without a response. */
export function rawAnswer(error: S3Error, clock: Clock, headers = ""): string {
  const body = documentOf(error, clock);
  return (
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ""}\r\ncontent-type: application/xml\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\n${headers}connection: close\r\n\r\n${body}`
  );
}

function documentOf(error: S3Error, clock: Clock): string {
  const bytes = Buffer.from(clock.bytes(32));
  const [requestId, hostId] = [bytes.toString("hex", 0, 8), bytes.toString("base64", 8)];
  return errorXml(error, { resource: "", requestId, hostId });
}
