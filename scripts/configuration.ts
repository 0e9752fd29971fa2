/** Writes docs/configuration.md, and the table of settings in the README, from the schema of the settings. */
import { readFileSync, writeFileSync } from "node:fs";
import { shownDefault } from "../src/config/help.ts";
import { describeForm, envName, flagName } from "../src/config/setting.ts";
import { configurationSettings } from "../src/config/settings.ts";

/** docs/configuration.md, whole. */
export function configTable(): string {
  const rows = configurationSettings.map(([key, setting]) => [
    code(envName(key)),
    code(`--${flagName(key)}`),
    code(shownDefault(setting)),
    describeForm(setting),
    setting.description,
  ]);
  return `# Configuration

Every setting of \`signalbox serve\` is an environment variable and an equal flag; the flag goes before the variable. An
empty variable counts as unset. A wrong value or an unknown flag is refused at start. This page is generated from
\`src/config/config.ts\` by \`node scripts/configuration.ts\`.

${alignedTable([["variable", "flag", "default", "form", ""], ...rows])}

Secrets may lie in files, as Docker, Kubernetes and systemd hand them out: \`_FILE\` behind the variable (\`-file\` behind the flag) names the file, whose
last line break does not count. That holds for ${secrets()}, and for \`SIGNALBOX_TOKEN\`. Both at once are refused.

Flags are visible to other users of the machine: give secrets as variables or files. The other commands of \`signalbox\` are HTTP
clients and read \`SIGNALBOX_URL\` (default \`http://127.0.0.1:8080\`), \`SIGNALBOX_TOKEN\` and \`SIGNALBOX_TENANT\`.
`;
}

/** The README with its table of settings as it should be. */
export function withSettings(readme: string): string {
  const rows = configurationSettings.map(([key, setting]) => [
    code(envName(key)),
    code(shownDefault(setting)),
    setting.description,
  ]);
  const [begin, end] = ["<!-- settings: written by scripts/configuration.ts -->", "<!-- /settings -->"];
  const inner = `${begin}\n\n${alignedTable([["variable", "default", ""], ...rows])}\n\n${end}`;
  return readme.slice(0, readme.indexOf(begin)) + inner + readme.slice(readme.indexOf(end) + end.length);
}

function secrets(): string {
  const names = configurationSettings.filter(([, { secret }]) => secret).map(([key]) => code(envName(key)));
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function code(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}

/** The first row is the heading. As wide as the formatter makes it, which would have the last word otherwise. */
export function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const [heading = "", ...rest] = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  return [heading, line(widths.map((width) => "-".repeat(width))), ...rest].join("\n");
}

if (import.meta.main) {
  writeFileSync(new URL("../docs/configuration.md", import.meta.url), configTable());
  const readme = new URL("../README.md", import.meta.url);
  writeFileSync(readme, withSettings(readFileSync(readme, "utf8")));
}
