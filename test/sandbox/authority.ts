/** A certificate authority and what it signs, in the strict DER that workerd's TLS wants. For tests only. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const lengthBytes = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...lengthBytes]), body]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, "hex"));
const integer = (value: number): Buffer => tlv(0x02, Buffer.from([value]));
/** UTCTime: `YYMMDDhhmmssZ`. */
const time = (ms: number): Buffer =>
  tlv(
    0x17,
    Buffer.from(
      new Date(ms)
        .toISOString()
        .replaceAll(/\.\d+|[-:T]/g, "")
        .slice(2),
    ),
  );
const named = (name: string): Buffer => sequence(tlv(0x31, sequence(oid("550403"), tlv(0x0c, Buffer.from(name)))));
const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));

/** PEM. */
export interface Signed {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** PEM. */
  readonly cert: string;
  /** For these DNS names. */
  sign(...names: readonly string[]): Signed;
}

interface Subject {
  readonly name: string;
  readonly issuerKey?: KeyObject;
  readonly extensions: readonly Uint8Array[];
}

function certificate({ name, issuerKey, extensions }: Subject): Signed {
  const pair = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const now = Date.now();
  const body = sequence(
    tlv(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    named("authority"),
    sequence(time(now - 43_200_000), time(now + 43_200_000)),
    named(name),
    pair.publicKey,
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", body, issuerKey ?? createPrivateKey(pair.privateKey));
  const der = sequence(body, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature));
  const lines = der.toString("base64").replaceAll(/.{64}/g, "$&\n");
  return { cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, key: pair.privateKey };
}

/** Lives for a day. */
export function authority(): Authority {
  const critical = tlv(0x01, Buffer.from([0xff]));
  const isAuthority = sequence(oid("551d13"), critical, tlv(0x04, sequence(tlv(0x01, Buffer.from([0xff])))));
  const own = certificate({ name: "authority", extensions: [isAuthority] });
  return {
    cert: own.cert,
    sign: (...names) => {
      const alternatives = sequence(...names.map((dns) => tlv(0x82, Buffer.from(dns))));
      return certificate({
        name: "server",
        issuerKey: createPrivateKey(own.key),
        extensions: [sequence(oid("551d11"), tlv(0x04, alternatives))],
      });
    },
  };
}
