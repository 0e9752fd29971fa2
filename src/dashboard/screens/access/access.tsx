import { reaches, useSelf } from "../../api/session.ts";
import { Page, Stack } from "../../parts/page.tsx";
import { AccessNav } from "./access-nav.tsx";
import { Keys } from "./keys.tsx";
import { Tokens } from "./tokens.tsx";

/** Who may come in, and by what. */
export function Access() {
  const self = useSelf();
  return (
    <Page title="Access" lead="Tokens for the API, and key pairs for S3.">
      <Stack>
        <AccessNav />
        {reaches(self, "admin") && <Tokens />}
        <Keys />
      </Stack>
    </Page>
  );
}
