import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Choice } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Loading, Problem } from "../../parts/notice.tsx";
import { Page, Row } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text, TextBlock } from "../../parts/text.tsx";
import { bytes, Time } from "../../parts/time.tsx";

/** Mails that are kept, where no mail server is set. */
export function Mails() {
  const list = useList("listMails", { query: { limit: 50 } });
  const [read, setRead] = useState<string>();
  const isSent = list.error instanceof ApiError && list.error.status === 404;
  return (
    <Page title="Mails" lead="What would have been sent, where no mail server is set.">
      {isSent ? (
        <Empty title="Mails go to your mail server">Nothing of them is kept here.</Empty>
      ) : (
        <List state={list} itemsOf={(page) => page.mails} empty={<Empty title="No mail was made yet" />}>
          {(items) => (
            <Table
              label="Mails"
              items={items}
              keyOf={({ name }) => name}
              columns={[
                { name: "Date", cell: ({ date }) => <Time at={date} /> },
                { name: "To", cell: ({ to }) => <Text max={60}>{to}</Text> },
                {
                  name: "Subject",
                  wide: true,
                  cell: ({ name, subject }) => (
                    <Button look="link" onClick={() => setRead(name)}>
                      <Text max={120}>{subject}</Text>
                    </Button>
                  ),
                },
                { name: "Size", isNumber: true, cell: (mail) => bytes(mail.bytes) },
              ]}
            />
          )}
        </List>
      )}
      {read !== undefined && <Mail name={read} onClose={() => setRead(undefined)} />}
    </Page>
  );
}

function Mail({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const [isSource, setSource] = useState(false);
  const mail = useQuery({
    queryKey: ["getMail", name],
    queryFn: ({ signal }) => call("getMail", { params: { name } }, { signal }),
  });
  return (
    <Dialog title={mail.data?.subject ?? "Mail"} open onClose={onClose}>
      {mail.isPending && <Loading />}
      {mail.isError && <Problem error={mail.error} onRetry={() => void mail.refetch()} />}
      {mail.data !== undefined && (
        <>
          <p>
            To <Text>{mail.data.to}</Text>
          </p>
          <Choice
            label="Shown"
            value={isSource ? "source" : "text"}
            options={[
              { value: "text", label: "Text" },
              { value: "source", label: "Source" },
            ]}
            onValue={(value) => setSource(value === "source")}
          />
          {!isSource && mail.data.text === null ? (
            <p>It has no part of plain text; its source has all of it.</p>
          ) : (
            <TextBlock label={isSource ? "The mail's source" : "The mail's text"}>
              {(isSource ? undefined : mail.data.text) ?? mail.data.raw}
            </TextBlock>
          )}
        </>
      )}
      <Row>
        <Button onClick={onClose}>Close</Button>
      </Row>
    </Dialog>
  );
}
