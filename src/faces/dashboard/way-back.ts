/** Where a log in leads in the end. */

/** More is not kept, and one begins at the start of the dashboard. */
const longest = 1_000;

/**
 * The place of the dashboard that is meant, below `/dashboard/`; the start where it is none: no other host, and no other page of this one.
 *
 * @param said as a place of the dashboard asks for it, relative to the dashboard.
 */
export function placeInDashboard(said: unknown): string {
  if (typeof said !== "string" || said.length > longest || !/^[\x21-\x7E]*$/.test(said) || said.includes("\\"))
    return "";
  const root = "http://here.invalid/dashboard/";
  if (/^[a-z][a-z0-9+.-]*:|^\//i.test(said) || !URL.canParse(said, root)) return "";
  const { href } = new URL(said, root);
  const place = href.startsWith(root) ? href.slice(root.length) : "";
  // It would begin another log in.
  return /^(?:login|assets)(?:[/?#]|$)/i.test(place) ? "" : place;
}
