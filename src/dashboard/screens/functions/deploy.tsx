import { useQueryClient } from "@tanstack/react-query";
import type { AppFunction } from "../../../client/operations.ts";
import { see } from "../../api/client.ts";
import { editorOf } from "../../api/edit.ts";
import { Button } from "../../parts/button.tsx";
import { CameBetween, conflictTitle } from "../../parts/conflict.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { type Draft, keepDraft } from "../../parts/drafts.ts";
import { Diff } from "../../parts/editor/diff.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { useDraftName } from "./draft-name.ts";
import { useFunctionChange } from "./known-function.ts";
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
  const deploy = useFunctionChange(fn, {
    change: (_, at) => {
      const params = { app: fn.app_slug, fn: fn.slug };
      return see("updateFunction", { params, body: { code: draft.code, language: fn.language } }, at);
    },
    onDone: async () => {
      keepDraft(name, undefined);
      onClose();
      await queries.invalidateQueries({ queryKey: ["listFunctionVersions"] });
    },
  });
  const between = editorOf(deploy.error);
  const takeTheirs = (): void => {
    keepDraft(name, undefined);
    onClose();
  };
  return (
    <Dialog
      title={between === undefined ? `Deploy the draft of ${fn.name}?` : conflictTitle}
      wide
      open
      onClose={onClose}
    >
      <Stack>
        {between !== undefined && (
          <>
            <CameBetween {...between} />
            <p>Keep mine deploys your draft over it. Take theirs throws the draft away.</p>
          </>
        )}
        {draft.base !== fn.version && (
          <p>
            <Status tone="warn">changed since</Status> The draft began from version {draft.base}; version {fn.version}{" "}
            runs now, and would be replaced.
          </p>
        )}
        <Loaded state={running}>
          {({ code }) => <Diff label="The code that runs, and the draft" before={code} after={draft.code} />}
        </Loaded>
        {deploy.isError && between === undefined && <Problem error={deploy.error} />}
        <Row>
          <Button look="primary" busy={deploy.isPending} onClick={() => deploy.mutate()}>
            {between === undefined ? "Deploy" : "Keep mine"}
          </Button>
          {between !== undefined && <Button onClick={takeTheirs}>Take theirs</Button>}
          <Button onClick={onClose}>Cancel</Button>
        </Row>
      </Stack>
    </Dialog>
  );
}
