import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useRequest } from "../../api/request.ts";
import { AsCurl } from "../../parts/as-curl.tsx";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { SigningSecret } from "../subscriptions/actions.tsx";

/** A bucket, if it is not there yet, and its first notification. */
export function FirstRule({ tenant }: { readonly tenant: string }) {
  const navigate = useNavigate();
  const [bucket, setBucket] = useState("photos");
  const [url, setUrl] = useState("http://localhost:3000/hook");
  const [secret, setSecret] = useState<string>();
  const make = useRequest({
    mutationFn: async () => {
      await call("createBucket", { body: { name: bucket } }).catch((thrown: unknown) => {
        // It is there already: if it is another owner's, the notification is refused.
        if (!(thrown instanceof ApiError && thrown.status === 409)) throw thrown;
      });
      return call("createRule", { params: { bucket }, body: { url } });
    },
    onSuccess: ({ signing_secret: made }) => setSecret(made),
  });
  const field = (path: string) => (make.error instanceof ApiError ? make.error.field(path) : undefined);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextField label="Bucket" required mono value={bucket} onValue={setBucket} error={field("name")} />
        <TextField label="Webhook URL" required mono value={url} onValue={setUrl} error={field("url")} />
        {make.isError && field("name") === undefined && field("url") === undefined && <Problem error={make.error} />}
        <Row>
          <Button look="primary" type="submit" busy={make.isPending}>
            Make both
          </Button>
        </Row>
        <AsCurl
          command={`${curlOf("createBucket", { body: { name: bucket } })}\n${curlOf("createRule", { params: { bucket }, body: { url } })}`}
        />
      </Stack>
      {secret !== undefined && (
        <SigningSecret
          secret={secret}
          onClose={() => void navigate({ to: "/t/$tenant/buckets/$bucket/settings", params: { tenant, bucket } })}
        />
      )}
    </form>
  );
}
