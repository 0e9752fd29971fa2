import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import type { AppFunction } from "../../api/operations.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { type Draft, keepDraft } from "../../parts/drafts.ts";
import { Diff } from "../../parts/editor/diff.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { useDraftName } from "./draft-name.ts";
import { useVersion } from "./use-version.ts";

interface DeployDialogProps {
  readonly fn: AppFunction;
  readonly draft: Draft;
  readonly onClose: () => void;
}

/** What will change, before the draft becomes the version that runs. */
export function DeployDialog({ fn, draft, onClose }: DeployDialogProps) {
  const queries = useQueryClient();
  const name = useDraftName(fn.app_slug, fn.slug);
  const running = useVersion(fn, fn.version);
  const deploy = useMutation({
    mutationFn: () =>
      call("updateFunction", {
        params: { app: fn.app_slug, fn: fn.slug },
        body: { code: draft.code, language: fn.language },
      }),
    onSuccess: async (after) => {
      keepDraft(name, undefined);
      queries.setQueryData(["getFunction", fn.app_slug, fn.slug], after);
      onClose();
      await queries.invalidateQueries({ queryKey: ["listFunctionVersions"] });
    },
  });
  return (
    <Dialog title={`Deploy the draft of ${fn.name}?`} wide open onClose={onClose}>
      <Stack>
        {draft.base !== fn.version && (
          <p>
            <Status tone="warn">changed since</Status> The draft began from version {draft.base}; version {fn.version}{" "}
            runs now, and would be replaced.
          </p>
        )}
        <Loaded state={running}>
          {({ code }) => <Diff label="The code that runs, and the draft" before={code} after={draft.code} />}
        </Loaded>
        {deploy.isError && <Problem error={deploy.error} />}
        <Row>
          <Button look="primary" busy={deploy.isPending} onClick={() => deploy.mutate()}>
            Deploy
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </Row>
      </Stack>
    </Dialog>
  );
}
