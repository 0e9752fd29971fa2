import type { SignalboxError } from "../../errors.ts";
import type { LinkPage } from "../mail/page.ts";

/** What a person is told whom a log in at an issuer did not lead in. */

interface Around {
  /** Where the dashboard is. */
  readonly dashboard: string;
  /** The log in that it was; absent: there is none of that name. */
  readonly offered?: { readonly id: string; readonly label: string };
}

export function refusedLoginPage(error: SignalboxError, { dashboard, offered }: Around): LinkPage {
  const home = { label: "To the dashboard", href: dashboard };
  if (offered === undefined) {
    const says = ["Nothing is offered at this address. The dashboard shows how you can log in."];
    return { title: "There is no such log in", says, links: [home] };
  }
  const { id, label } = offered;
  const begin = `${dashboard}login/${id}`;
  const again = { label: `Log in with ${label} again`, href: begin };
  const another = { label: "Log in with another account", href: `${begin}?anew=1` };
  const reason = `${error.message.slice(0, 1).toUpperCase()}${error.message.slice(1)}.`;
  if (error.status >= 500) {
    return { title: `${label} cannot log you in now`, says: [reason, "Nothing was changed."], links: [again, home] };
  }
  const remedy = "If that stays so, give this sentence to who runs this Signalbox: it says what to change.";
  return { title: "You are not logged in", says: [reason, remedy], links: [again, another, home] };
}
