const mostListed = 100;

/**
 * As many names as an error may tell.
 *
 * @param where all of them are listed: a route.
 */
export function listedNames(names: readonly string[], where: string): string {
  const more = names.length - mostListed;
  const rest = more > 0 ? `, and ${more} more: ${where} lists them` : "";
  return names.slice(0, mostListed).join(", ") + rest;
}
