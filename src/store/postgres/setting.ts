import type { Client } from "pg";

/** What is said of the whole database, as texts with names. */
type SettingName = "identity" | "secret_check";

/** `undefined`: nothing was said yet. */
export async function settingOf(client: Client, name: SettingName): Promise<string | undefined> {
  const { rows } = await client.query("SELECT text FROM setting WHERE name = $1", [name]);
  return (rows[0] as { readonly text: string } | undefined)?.text;
}

export async function putSetting(client: Client, name: SettingName, text: string): Promise<void> {
  await client.query(
    "INSERT INTO setting (name, text) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET text = excluded.text",
    [name, text],
  );
}
