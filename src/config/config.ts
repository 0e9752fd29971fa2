import { isIP } from "node:net";
import { availableParallelism } from "node:os";
import { closest } from "../domain/closest.ts";
import { defined } from "../domain/defined.ts";
import { didYouMean } from "../domain/did-you-mean.ts";
import { parseEgressAllow } from "../domain/egress.ts";
import { asError, type FieldError, SignalboxError } from "../errors.ts";
import { parseBlobsPlace } from "./blobs-place.ts";
import { parseHostListen } from "./host-listen.ts";
import { type JwtIssuer, parseJwtIssuers } from "./jwt-issuers.ts";
import { isPostgresUrl } from "./postgres-url.ts";
import { fileSuffix, readSecretFile } from "./secret-file.ts";
import { describeForm, envName, flagName, readSetting } from "./setting.ts";
import { configurationSettings, type Settings } from "./settings.ts";

/** Every setting as the server uses it. Frozen. */
export type Config = Readonly<
  Omit<Settings, "retentionDeadDays" | "senders" | "egressAllow" | "s3Domain" | "jwtIssuers">
> & {
  readonly retentionDeadDays: number;
  readonly senders: number;
  readonly egressAllow: readonly string[];
  /** In lower case. */
  readonly s3Domain: readonly string[];
  /** Absent: only tokens of our own count. */
  readonly jwtIssuers?: readonly JwtIssuer[];
};

export type Env = Readonly<Record<string, string | undefined>>;

const keyByFlag = new Map(configurationSettings.map(([key]) => [flagName(key), key]));
const keyByEnv = new Map(configurationSettings.map(([key]) => [envName(key), key]));
const secrets = configurationSettings.filter(([, setting]) => setting.secret);
/** Of the settings whose text may lie in a file. */
const keyByFileFlag = new Map(secrets.map(([key]) => [`${flagName(key)}-file`, key]));
const keyByFileEnv = new Map(secrets.map(([key]) => [envName(key) + fileSuffix, key]));
/** Variables of the same prefix that the command line's HTTP clients read. */
const clientEnv = ["SIGNALBOX_URL", "SIGNALBOX_TOKEN", "SIGNALBOX_TOKEN_FILE", "SIGNALBOX_TENANT"];
const prefix = envName("");

/**
 * The settings of `env` and `argv` (flags `--key value` or `--key=value`, which go before the environment), with defaults.
 * Throws one `invalid_request` that names every wrong setting, its value and the remedy. An empty variable counts as unset.
 */
export function parseConfig(env: Env, argv: readonly string[]): Config {
  const problems: FieldError[] = [];
  const texts = new Map<string, { readonly name: string; readonly text: string }>();
  readEnv(env, texts, problems);
  readFlags(argv, texts, problems);
  const values: Record<string, unknown> = {};
  for (const [key, setting] of configurationSettings) {
    const given = texts.get(key);
    const value = given === undefined ? setting.default : readSetting(setting, given.text);
    if (given !== undefined && value === undefined) {
      const shown = setting.secret ? "the value given" : JSON.stringify(given.text);
      problems.push({ path: given.name, message: `${shown} is not ${describeForm(setting)}` });
    }
    if (value !== undefined) values[key] = value;
  }
  const { jwtIssuers: text, ...others } = values as unknown as Settings;
  const jwtIssuers = text === undefined ? undefined : readIssuers(text, problems);
  if (problems.length > 0) throw refuse(problems);
  const config: Config = { ...complete(others), ...defined({ jwtIssuers }) };
  const unfit = relations(config);
  if (unfit.length > 0) throw refuse(unfit);
  return Object.freeze({
    ...config,
    egressAllow: Object.freeze([...config.egressAllow]),
    s3Domain: Object.freeze(config.s3Domain.map((name) => name.toLowerCase())),
  });
}

type Texts = Map<string, { readonly name: string; readonly text: string }>;

/** Takes the text of a secret from the file that was named for it, unless it was given by itself in the same way. */
function readFile(
  path: string,
  given: { readonly key: string; readonly name: string; readonly twice: string | undefined },
  into: {
    readonly texts: Texts;
    readonly problems: FieldError[];
  },
): void {
  const { key, name, twice } = given;
  const read = readSecretFile(path);
  if (twice !== undefined) into.problems.push({ path: name, message: `${twice} is set too: give one of the two` });
  else if ("problem" in read) into.problems.push({ path: name, message: read.problem });
  else into.texts.set(key, { name, text: read.text });
}

/** An unknown variable is refused only when it looks mistyped: orchestrators add others of the same prefix by themselves. */
function readEnv(env: Env, texts: Texts, problems: FieldError[]): void {
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(prefix) || text === undefined || text === "" || clientEnv.includes(name)) continue;
    const key = keyByEnv.get(name);
    if (key !== undefined) {
      texts.set(key, { name, text });
      continue;
    }
    const ofFile = keyByFileEnv.get(name);
    if (ofFile !== undefined) {
      const own = envName(ofFile);
      const twice = (env[own] ?? "") === "" ? undefined : own;
      readFile(text, { key: ofFile, name, twice }, { texts, problems });
      continue;
    }
    const meant = closest(
      name.slice(prefix.length),
      [...keyByEnv.keys(), ...keyByFileEnv.keys()].map((known) => known.slice(prefix.length)),
    );
    if (meant !== undefined)
      problems.push({ path: name, message: `there is no such setting. Did you mean ${prefix}${meant}?` });
  }
}

function readFlags(argv: readonly string[], texts: Texts, problems: FieldError[]): void {
  const byFlag = new Map<string, string>();
  const left = [...argv];
  for (let argument = left.shift(); argument !== undefined; argument = left.shift()) {
    const [, flag, attached] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    const ofFile = flag === undefined ? undefined : keyByFileFlag.get(flag);
    const key = flag === undefined ? undefined : (ofFile ?? keyByFlag.get(flag));
    if (flag === undefined) {
      problems.push({ path: argument, message: "is not a flag; settings are given as --name value" });
    } else if (key === undefined) {
      const known = [...keyByFlag.keys(), ...keyByFileFlag.keys()].map((name) => `--${name}`);
      problems.push({ path: `--${flag}`, message: `there is no such flag.${didYouMean(`--${flag}`, known)}` });
      if (attached === undefined && left[0]?.startsWith("--") === false) left.shift();
    } else {
      const text = attached ?? left.shift();
      const name = `--${flag}`;
      const before = byFlag.get(key);
      byFlag.set(key, name);
      if (text === undefined) problems.push({ path: name, message: "needs a value" });
      else if (ofFile === undefined) texts.set(key, { name, text });
      else readFile(text, { key, name, twice: before === name ? undefined : before }, { texts, problems });
    }
  }
}

const defaultDeadDays = 90;
/** Four send more than the writer of the database can write. */
const mostSenders = 4;

/** The main thread and the writer of the database want a core each. */
export function defaultSenders(cores: number): number {
  return Math.min(Math.max(cores - 2, 0), mostSenders);
}

/** JSON, or the path of a file with it. */
function readIssuers(text: string, problems: FieldError[]): readonly JwtIssuer[] {
  const at = envName("jwtIssuers");
  const read = /^\s*[[{]/.test(text) ? { text } : readSecretFile(text, "a list of issuers in JSON");
  if ("problem" in read) {
    problems.push({ path: at, message: read.problem });
    return [];
  }
  const parsed = parseJwtIssuers(read.text, at);
  if ("issuers" in parsed) return parsed.issuers;
  problems.push(...parsed.problems);
  return [];
}

function complete(values: Omit<Settings, "jwtIssuers">): Config {
  const { retentionDays, retentionDeadDays = Math.max(defaultDeadDays, retentionDays), publicUrl, ...rest } = values;
  const url = publicUrl?.replace(/\/+$/, "");
  const { senders = defaultSenders(availableParallelism()) } = values;
  return { ...rest, retentionDays, retentionDeadDays, senders, ...defined({ publicUrl: url }) };
}

/** What no schema of one setting can say. */
function relations(config: Config): FieldError[] {
  const problems: FieldError[] = [];
  const refuse = (key: keyof Config, message: string): void => void problems.push({ path: envName(key), message });
  if (config.port !== 0 && config.port === config.s3Port) {
    refuse("s3Port", `${config.s3Port} is the API's port too; give the two different ones`);
  }
  const listen = config.hostListen === undefined ? undefined : parseHostListen(config.hostListen);
  if (listen !== undefined && "problem" in listen) {
    refuse("hostListen", `${JSON.stringify(config.hostListen)} ${listen.problem}`);
  } else if (listen?.kind === "port" && listen.port !== 0 && [config.port, config.s3Port].includes(listen.port)) {
    refuse("hostListen", `${listen.port} is a public port too; give the host interface one of its own`);
  }
  if (config.inbox !== undefined && !isPostgresUrl(config.inbox)) {
    refuse("inbox", "the value given is not postgres://user:password@host:5432/database");
  }
  if (config.store !== undefined) {
    if (!isPostgresUrl(config.store)) {
      refuse(
        "store",
        "the value given is not postgres://user:password@host:5432/database; leave it out to keep everything in the data folder",
      );
    }
    if (config.secretKey === undefined) {
      refuse(
        "secretKey",
        `is missing: with ${envName("store")} the key lies neither in the data folder nor in the database; make one with: openssl rand -base64 32; of a data folder that was moved it is what secret.key in it holds`,
      );
    }
    if (config.retentionBytes !== undefined) {
      refuse(
        "retentionBytes",
        `cannot be set with ${envName("store")}: PostgreSQL does not get smaller by what is dropped, but fills the room anew; set ${envName("retentionDays")}`,
      );
    }
  }
  const noName = config.s3Domain.find((name) => !isHostName(name));
  if (noName !== undefined) {
    refuse("s3Domain", `${JSON.stringify(noName)} is no host name such as s3.example.com: without scheme, port and *`);
  }
  const egress = egressProblem(config.egressAllow);
  if (egress !== undefined) refuse("egressAllow", egress);
  if (config.publicUrl !== undefined && !isWebUrl(config.publicUrl)) {
    refuse("publicUrl", `${JSON.stringify(config.publicUrl)} is not an http or https URL without query and fragment`);
  }
  if (config.adminToken !== undefined && hasControls(config.adminToken)) {
    refuse(
      "adminToken",
      "the value given cannot travel in a header: leave out line breaks and other control characters",
    );
  }
  if ((config.s3AccessKeyId === undefined) !== (config.s3SecretAccessKey === undefined)) {
    const missing = config.s3AccessKeyId === undefined ? "s3AccessKeyId" : "s3SecretAccessKey";
    refuse(missing, "is missing: a key pair is an id and a secret, so set both or neither");
  }
  for (const key of ["secretKey", "secretKeyPrevious"] as const) {
    const text = config[key];
    if (text !== undefined && !isKey(text)) {
      refuse(key, "the value given is not 32 bytes in base64; make one with: openssl rand -base64 32");
    }
  }
  const place = config.blobs === undefined ? undefined : parseBlobsPlace(config.blobs);
  if (place !== undefined && "problem" in place) refuse("blobs", `the value given ${place.problem}`);
  if ((config.blobsAccessKeyId === undefined) !== (config.blobsSecretAccessKey === undefined)) {
    const missing = config.blobsAccessKeyId === undefined ? "blobsAccessKeyId" : "blobsSecretAccessKey";
    refuse(missing, "is missing: a key pair is an id and a secret, so set both or neither");
  }
  if (config.secretKeyPrevious !== undefined && config.secretKey === undefined) {
    refuse("secretKey", `is missing: with ${envName("secretKeyPrevious")} it is the key that everything gets`);
  }
  if (config.drainMs > config.shutdownGraceMs) {
    refuse(
      "drainMs",
      `${config.drainMs} is more than ${envName("shutdownGraceMs")} (${config.shutdownGraceMs}), of which it is a part`,
    );
  }
  if (config.retentionDeadDays < config.retentionDays) {
    refuse(
      "retentionDeadDays",
      `${config.retentionDeadDays} is less than ${envName("retentionDays")} (${config.retentionDays}); dead letters are kept at least as long as the rest`,
    );
  }
  return problems;
}

function egressProblem(entries: readonly string[]): string | undefined {
  try {
    parseEgressAllow(entries);
  } catch (thrown) {
    return asError(thrown).message;
  }
}

function isHostName(text: string): boolean {
  const label = "[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?";
  return text.length <= 253 && new RegExp(`^${label}(?:\\.${label})*$`, "i").test(text) && isIP(text) === 0;
}

function isWebUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "";
}

function isKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{43}=?$/.test(text);
}

function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function refuse(problems: readonly FieldError[]): SignalboxError {
  const sentences = problems.map(({ path, message }) => `${path}: ${message}`);
  return new SignalboxError("invalid_request", sentences.join("; "), { fields: problems });
}
