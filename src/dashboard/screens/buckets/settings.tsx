import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import type { Rule } from "../../api/operations.ts";
import { Button } from "../../parts/button.tsx";
import { List } from "../../parts/list.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Page, Stack } from "../../parts/page.tsx";
import { SecretOnce } from "../../parts/secret-once.tsx";
import { BucketNav } from "./bucket-nav.tsx";
import { RuleCard } from "./rule-card.tsx";
import { bodyOf, draftOf, emptyDraft, type RuleDraft } from "./rule-draft.ts";
import { RuleForm } from "./rule-form.tsx";
import { TestResult, type Tried } from "./test-result.tsx";
import { Verify } from "./verify.tsx";

/** A bucket's Settings → Object notifications. */
export function BucketSettings() {
  const { tenant, bucket } = useParams({ from: "/t/$tenant/buckets/$bucket/settings" });
  const { edit } = useSearch({ from: "/t/$tenant/buckets/$bucket/settings" });
  const navigate = useNavigate({ from: "/t/$tenant/buckets/$bucket/settings" });
  const queries = useQueryClient();
  const rules = useList("listRules", { params: { bucket }, query: { limit: 100 } });
  const [secret, setSecret] = useState<string>();
  const [tried, setTried] = useState<Tried>();
  const all = rules.data?.pages.flatMap((page) => page.rules) ?? [];
  const edited = all.find(({ id }) => id === edit);
  const open = (what: string | undefined): void => void navigate({ search: what === undefined ? {} : { edit: what } });

  const save = useMutation({
    mutationFn: async ({ draft, test }: { readonly draft: RuleDraft; readonly test: boolean }) => {
      const body = bodyOf(draft);
      const saved: Rule & { readonly signing_secret?: string } =
        edited === undefined
          ? await call("createRule", { params: { bucket }, body })
          : await call("updateRule", { params: { bucket, id: edited.id }, body });
      return { saved, test };
    },
    onSuccess: async ({ saved, test }) => {
      setSecret(saved.signing_secret);
      open(undefined);
      await queries.invalidateQueries({ queryKey: ["listRules"] });
      if (test) await send(saved.id);
    },
  });

  const send = async (id: string): Promise<void> => {
    setTried({ id, state: "sending" });
    try {
      setTried({ id, state: "sent", result: await call("testRule", { params: { bucket, id } }) });
    } catch (error) {
      setTried({ id, state: "failed", error });
    }
  };

  const isFormOpen = edit === "new" || edited !== undefined;
  return (
    <Page
      title={`${bucket} › Object notifications`}
      lead={<BucketNav tenant={tenant} bucket={bucket} />}
      actions={
        !isFormOpen && (
          <Button look="primary" onClick={() => open("new")}>
            New notification
          </Button>
        )
      }
    >
      <Stack>
        {isFormOpen && (
          <RuleForm
            key={edit}
            bucket={bucket}
            start={edited === undefined ? emptyDraft : draftOf(edited)}
            hasAuth={edited !== undefined && edited.auth !== null}
            busy={save.isPending}
            error={save.error}
            onSave={(draft, { test }) => save.mutate({ draft, test })}
            onCancel={() => {
              save.reset();
              open(undefined);
            }}
          />
        )}
        <List
          state={rules}
          itemsOf={(page) => page.rules}
          empty={
            isFormOpen ? null : (
              <Empty
                title="Nobody is notified of this bucket's objects yet"
                action={
                  <Button look="primary" onClick={() => open("new")}>
                    Enable object notifications
                  </Button>
                }
              >
                <p>
                  A webhook receives each object that is created, overwritten or deleted, and that a filter lets
                  through.
                </p>
              </Empty>
            )
          }
        >
          {(items) =>
            items.map((rule) => (
              <RuleCard
                key={rule.id}
                rule={rule}
                tenant={tenant}
                onEdit={() => open(rule.id)}
                onTest={() => void send(rule.id)}
                onSecret={setSecret}
              >
                {tried?.id === rule.id && <TestResult tried={tried} />}
              </RuleCard>
            ))
          }
        </List>
      </Stack>
      {secret !== undefined && (
        <SecretOnce
          title="The signing secret"
          secrets={[{ name: "Signing secret", value: secret }]}
          onClose={() => setSecret(undefined)}
        >
          <Verify />
        </SecretOnce>
      )}
    </Page>
  );
}
