/** An OpenID Connect provider that answers as it is told to: what a real one never says. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { keyPair, signed } from "./issuer.ts";
import { bodyOf, httpListener } from "./listeners.ts";

type Claims = Readonly<Record<string, unknown>>;
/** `undefined`: what an honest one answers. Otherwise the whole answer. */
type Lie = ((request: IncomingMessage, response: ServerResponse) => void) | undefined;

export interface LyingProvider extends AsyncDisposable {
  readonly issuer: string;
  /** By path: `/.well-known/openid-configuration`, `/token`, `/jwks`, `/userinfo`. */
  readonly lies: Map<string, Lie>;
  /** Of its configuration, beside what is true. */
  metadata: Claims;
  /** Of ID tokens, beside what is true; a claim that is `undefined` is left out. */
  claims: Claims;
  /** Of what the token endpoint answers. */
  tokens: Claims;
  userInfo: Claims;
  /** What its ID tokens are signed with: `first` is listed. */
  key: "first" | "unlisted";
  /** That the log in under way asked for. */
  nonce: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Of the last request to the token endpoint. */
  sent: { readonly authorization: string | undefined; readonly body: URLSearchParams };
}

export const lyingClient = "signalbox";

export async function lyingProvider(): Promise<LyingProvider> {
  const pairs = { first: await keyPair("first"), unlisted: await keyPair("first") };
  const json = (response: ServerResponse, value: unknown): void => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
  };
  const idToken = (): Promise<string> => {
    const iat = Math.floor(Date.now() / 1_000);
    const { issuer, nonce, claims } = provider;
    return signed(pairs[provider.key], {
      iss: issuer,
      aud: lyingClient,
      sub: "ada",
      iat,
      exp: iat + 300,
      nonce,
      ...claims,
    });
  };
  const honest: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void> | void>> =
    {
      "/.well-known/openid-configuration": (_request, response) => {
        const { issuer, metadata } = provider;
        const endpoints = {
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          userinfo_endpoint: `${issuer}/userinfo`,
          jwks_uri: `${issuer}/jwks`,
        };
        const algorithms = { id_token_signing_alg_values_supported: ["ES256"] };
        json(response, { issuer, ...endpoints, ...algorithms, ...metadata });
      },
      "/jwks": (_request, response) => json(response, { keys: [pairs.first.jwk] }),
      "/userinfo": (_request, response) => json(response, { sub: "ada", ...provider.userInfo }),
      "/token": async (request, response) => {
        const body = new URLSearchParams(await bodyOf(request));
        provider.sent = { authorization: request.headers.authorization, body };
        const tokens = { access_token: "an access token", token_type: "Bearer", id_token: await idToken() };
        json(response, { ...tokens, ...provider.tokens });
      },
    };
  const answer: RequestListener = (request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    provider.asked.push(path);
    const told = provider.lies.get(path) ?? honest[path];
    if (told === undefined) response.writeHead(404).end();
    else told(request, response);
  };
  const listener = await httpListener(answer);
  const provider: LyingProvider = {
    issuer: `http://127.0.0.1:${listener.port}`,
    lies: new Map(),
    metadata: {},
    claims: {},
    tokens: {},
    userInfo: {},
    key: "first",
    nonce: "",
    asked: [],
    sent: { authorization: undefined, body: new URLSearchParams() },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
  return provider;
}

/** An entry of the settings that trusts it. */
export function trusting({ issuer }: Pick<LyingProvider, "issuer">, over: Claims = {}): Claims {
  return {
    issuer,
    jwks_url: `${issuer}/jwks`,
    allow_private_address: true,
    make_users: true,
    login: { id: "acme", label: "Acme", client_id: lyingClient, client_secret: "a secret: of %20" },
    ...over,
  };
}
