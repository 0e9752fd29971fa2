/** A program that Signalbox runs in, as the process of a test is one: with the same that it brings, which is told in JSON. */
import { type Host, parseConfig, start } from "../../src/index.ts";

const host = JSON.parse(process.argv[2] ?? "{}") as Host;
const { url, s3Url, hostUrl } = await start(parseConfig(process.env, []), host);
console.log(`signalbox ready api=${url} s3=${s3Url}${hostUrl === undefined ? "" : ` host=${hostUrl}`}`);
