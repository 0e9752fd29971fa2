/** An issuer of tokens as platforms have one: its keys, where they are listed, and what it signs. */
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from "jose";
import { type JwtIssuer, parseJwtIssuers } from "../../src/config/jwt-issuers.ts";
import { httpListener } from "./listeners.ts";

export const issuerName = "https://login.acme.example";
export const audience = "signalbox";

interface Pair {
  readonly id: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly pem: string;
}

export async function keyPair(id: string, algorithm = "ES256"): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: id };
  return { id, algorithm, privateKey, jwk, pem: await exportSPKI(publicKey) };
}

type Claims = Readonly<Record<string, unknown>>;

/** Of `nowMs`, for five minutes; a claim that is `undefined` is left out. */
export function claimsAt(nowMs: number, over: Claims = {}): Claims {
  const iat = Math.floor(nowMs / 1_000);
  return { iss: issuerName, aud: audience, sub: "ada", iat, exp: iat + 300, ...over };
}

export function signed({ privateKey, algorithm, id }: Pair, claims: Claims, header: Claims = {}): Promise<string> {
  const shown = { alg: algorithm, kid: id, typ: "at+jwt", ...header };
  return new SignJWT({ ...claims }).setProtectedHeader(shown).sign(privateKey);
}

/** Its parts as they are given, with no signature at all. */
export function unsigned(header: unknown, payload: unknown, signature = ""): string {
  const part = (value: unknown): string =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(payload)}.${signature}`;
}

/** As the settings say it. */
export function issuer(over: Readonly<Record<string, unknown>>): JwtIssuer {
  const read = parseJwtIssuers(JSON.stringify([{ issuer: issuerName, audience, ...over }]), "issuers");
  const [first] = "issuers" in read ? read.issuers : [];
  if (first === undefined) throw new TypeError(JSON.stringify(read));
  return first;
}

export interface KeyServer extends AsyncDisposable {
  readonly url: string;
  /** What it lists from now on; a text is answered as it is, a number as a status, and nothing at all never. */
  lists: readonly Pair[] | string | number | undefined;
  /** How often it was asked. */
  readonly asked: number;
}

/** Where an issuer lists its keys. */
export async function keyServer(...lists: readonly Pair[]): Promise<KeyServer> {
  let asked = 0;
  const listener = await httpListener((_request, response) => {
    asked += 1;
    const { lists: now } = server;
    if (now === undefined) return;
    if (typeof now === "number") response.writeHead(now, now === 302 ? { location: "/elsewhere" } : {}).end();
    else response.end(typeof now === "string" ? now : JSON.stringify({ keys: now.map(({ jwk }) => jwk) }));
  });
  const server: KeyServer = {
    url: `http://127.0.0.1:${listener.port}/jwks.json`,
    lists,
    get asked() {
      return asked;
    },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
  return server;
}
