/** Where a request of `fetch` goes. */
export function urlOf(asked: Parameters<typeof fetch>[0]): string {
  return asked instanceof Request ? asked.url : asked.toString();
}
