/** `postgres://user:password@host:5432/database`, with a name of the database, and nothing in it that cannot be decoded. */
export function isPostgresUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hostname, pathname, hash } = new URL(text);
  try {
    for (const part of [username, password, hostname, pathname]) decodeURIComponent(part);
  } catch {
    return false;
  }
  return (protocol === "postgres:" || protocol === "postgresql:") && pathname.length > 1 && hash === "";
}
