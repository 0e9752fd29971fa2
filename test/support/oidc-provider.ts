/** A real OpenID Connect provider, and a server of ours at which one can log in by it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";
import { type RunningServer, runServer } from "./in-process.ts";
import { httpListener } from "./listeners.ts";
import { unwatched } from "./unwatched.ts";

type Claims = Readonly<Record<string, unknown>>;

interface Client {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly token_endpoint_auth_method?: string;
}

export const clients = {
  confidential: { client_id: "signalbox", client_secret: "the secret of a client, long enough" },
  posting: {
    client_id: "signalbox-post",
    client_secret: "the secret of another client",
    token_endpoint_auth_method: "client_secret_post",
  },
  open: { client_id: "signalbox-public", token_endpoint_auth_method: "none" },
} as const satisfies Record<string, Client>;

export interface ProviderScene extends AsyncDisposable {
  readonly server: RunningServer;
  /** As its tokens say. */
  readonly issuer: string;
  /** Who logs in there from now on; absent: who refuses to. */
  account: string | undefined;
  /** What the provider says of each, by its subject. */
  readonly accounts: Map<string, Claims>;
  /** Paths that were asked for, in their order. */
  readonly asked: readonly string[];
}

interface SceneOptions {
  /** Fields of the issuer beside those of a scene. */
  readonly issuer?: Claims;
  /** The same of its login. */
  readonly login?: Claims;
  readonly client?: keyof typeof clients;
  readonly env?: Readonly<Record<string, string>>;
  /** Host name in the issuer; to browsers `localhost` is another site than our server. */
  readonly host?: string;
}

export async function providerScene({
  issuer: over = {},
  login = {},
  client = "confidential",
  env = {},
  host = "127.0.0.1",
}: SceneOptions = {}): Promise<ProviderScene> {
  await using made = new AsyncDisposableStack();
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const asked: string[] = [];
  const listener = made.use(
    await httpListener((request, response) => {
      asked.push((request.url ?? "").split("?", 1)[0] ?? "");
      answer(request, response);
    }),
  );
  const issuer = `http://${host}:${listener.port}`;
  const { client_id, ...rest } = clients[client];
  const entry = {
    issuer,
    jwks_url: `${issuer}/jwks`,
    allow_private_address: true,
    make_users: true,
    claims: { user: "preferred_username" },
    login: {
      id: "acme",
      label: "Acme",
      client_id,
      ...("client_secret" in rest ? { client_secret: rest.client_secret } : {}),
      client_auth: client === "posting" ? "post" : "basic",
      scopes: ["openid", "profile", "email", "groups"],
      ...login,
    },
    ...over,
  };
  const server = made.use(await runServer({ SIGNALBOX_JWT_ISSUERS: JSON.stringify([entry]), ...env }));
  const accounts = new Map<string, Claims>();
  const publicUrl = env["SIGNALBOX_PUBLIC_URL"] ?? server.url;
  const provider = await unwatched(() => realProvider({ issuer, publicUrl, accounts }));
  const scene: { account: string | undefined } = { account: "ada" };
  const serve = provider.callback();
  answer = (request, response) => {
    const isInteraction = request.url?.startsWith("/interaction/") === true;
    (isInteraction ? interact(provider, scene.account, request, response) : serve(request, response)).catch(
      (thrown: unknown) => response.destroy(thrown as Error),
    );
  };
  const owned = made.move();
  return Object.assign(scene, {
    server,
    issuer,
    accounts,
    asked,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  });
}

interface ProviderOf {
  readonly issuer: string;
  /** Of our server. */
  readonly publicUrl: string;
  readonly accounts: ReadonlyMap<string, Claims>;
}

async function realProvider({ issuer, publicUrl, accounts }: ProviderOf): Promise<Provider> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return new Provider(issuer, {
    clients: Object.values(clients).map((client) => ({
      ...client,
      redirect_uris: [`${publicUrl}/dashboard/login/acme/callback`],
      post_logout_redirect_uris: [`${publicUrl}/dashboard/`],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    })),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: "first", use: "sig", alg: "RS256" }] },
    cookies: { keys: ["a key of the tests"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    scopes: ["openid", "profile", "email", "groups"],
    claims: {
      openid: ["sub"],
      profile: ["preferred_username"],
      email: ["email", "email_verified"],
      groups: ["groups"],
    },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, ...accounts.get(id) }),
    }),
    ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 300, Session: 3_600, Grant: 3_600 },
  });
}

/** What a person would do there. */
async function interact(
  provider: Provider,
  accountId: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  if (accountId === undefined) {
    const refused = { error: "access_denied", error_description: "not today" };
    return provider.interactionFinished(request, response, refused);
  }
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { login: { accountId }, consent });
}
