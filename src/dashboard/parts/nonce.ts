/** What styles that the page makes itself carry, so that the browser takes them; it is another one each time that the page is loaded. */
export function pageNonce(): string {
  // The attribute is hidden from scripts' view of the markup, and readable as a property.
  return document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce ?? "";
}
