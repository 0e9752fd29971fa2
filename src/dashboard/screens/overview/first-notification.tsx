import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useRequest } from "../../api/request.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { AsCurl } from "../../parts/as-curl.tsx";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { SigningSecret } from "../subscriptions/actions.tsx";

/** A subscription to one resource, by mail or by webhook. */
export function FirstNotification({ tenant }: { readonly tenant: string }) {
  const navigate = useNavigate();
  const self = useSelf();
  const [resource, setResource] = useState(reaches(self, "admin") ? "*" : "");
  const [address, setAddress] = useState("me@example.org");
  const [made, setMade] = useState<{ readonly id: string; readonly secret: string }>();
  const target = address.includes("://")
    ? ({ type: "webhook", url: address } as const)
    : ({ type: "email", address } as const);
  const body = { face: "notifications", event: "*", resource, target } as const;
  const open = (id: string) => navigate({ to: "/t/$tenant/subscriptions/$id", params: { tenant, id } });
  const make = useRequest({
    mutationFn: () => call("createSubscription", { body }),
    onSuccess: async ({ id, signing_secret: secret }) => {
      if (secret === undefined) await open(id);
      else setMade({ id, secret });
    },
  });
  const error = make.error instanceof ApiError ? make.error : undefined;
  const ofResource = error?.field("resource");
  const ofAddress = error?.field("target.address") ?? error?.field("target.url");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextField
          label="Resource"
          required
          mono
          value={resource}
          onValue={setResource}
          error={ofResource}
          hint="The id of a file, a bucket, a user or anything else; admins may take * for all."
        />
        <TextField
          label="Mail address or URL"
          required
          mono
          value={address}
          onValue={setAddress}
          error={ofAddress}
          hint="The owner of an address that is not your own is asked first."
        />
        {make.isError && ofResource === undefined && ofAddress === undefined && <Problem error={make.error} />}
        <Row>
          <Button look="primary" type="submit" busy={make.isPending}>
            Subscribe
          </Button>
        </Row>
        <AsCurl command={curlOf("createSubscription", { body })} />
      </Stack>
      {made !== undefined && <SigningSecret secret={made.secret} onClose={() => void open(made.id)} />}
    </form>
  );
}
