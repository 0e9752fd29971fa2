/** A self-signed certificate, written by hand because Node can read X.509 but not make it. For tests only. */
import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  // The shortest form: some programs take no other.
  const long = body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  const length = body.length < 128 ? [body.length] : long;
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, "hex"));
const integer = (value: number): Buffer => tlv(0x02, Buffer.from([value]));
/** UTCTime: `YYMMDDhhmmssZ`. */
const time = (ms: number): Buffer => {
  const digits = new Date(ms).toISOString().replaceAll(/\.\d+|[-:T]/g, "");
  return tlv(0x17, Buffer.from(digits.slice(2)));
};

export interface Certificate {
  /** PEM. The certificate is its own authority. */
  readonly cert: string;
  readonly key: string;
}

/** For these DNS names, valid for a day. */
export function selfSigned(...names: readonly string[]): Certificate {
  const pair = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
  const name = sequence(tlv(0x31, sequence(oid("550403"), tlv(0x0c, Buffer.from("test")))));
  const alternatives = sequence(...names.map((dns) => tlv(0x82, Buffer.from(dns))));
  const extensions = sequence(
    sequence(oid("551d13"), tlv(0x04, sequence(tlv(0x01, Buffer.from([0xff]))))),
    sequence(oid("551d11"), tlv(0x04, alternatives)),
  );
  const now = Date.now();
  const body = sequence(
    tlv(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    name,
    sequence(time(now - 43_200_000), time(now + 43_200_000)),
    name,
    pair.publicKey,
    tlv(0xa3, extensions),
  );
  const signature = sign("sha256", body, createPrivateKey(pair.privateKey));
  const der = sequence(body, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature));
  const lines = der.toString("base64").replaceAll(/.{64}/g, "$&\n");
  return { cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, key: pair.privateKey };
}
