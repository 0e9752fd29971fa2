import { Link, useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { useList } from "../api/list.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { List } from "../parts/list.tsx";
import { Empty } from "../parts/notice.tsx";
import { Row, Stack } from "../parts/page.tsx";
import { Text } from "../parts/text.tsx";
import styles from "./tenant-switch.module.css";

/** Where an operator acts, and how they come to another tenant. */
export function TenantSwitch({ tenant }: { readonly tenant: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button className={styles["open"]} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <span className={styles["hidden"]}>Tenant </span>
        <bdi>{tenant}</bdi> <span aria-hidden="true">▾</span>
      </Button>
      <Dialog title="Act in another tenant" open={isOpen} onClose={() => setOpen(false)}>
        <Tenants tenant={tenant} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Tenants({ tenant, onClose }: { readonly tenant: string; readonly onClose: () => void }) {
  const [text, setText] = useState("");
  const place = useSamePlace();
  const list = useList("listTenants", { query: { limit: 100 } });
  const wanted = text.trim().toLowerCase();
  return (
    <Stack>
      <TextField label="Tenant" placeholder="Id or name" value={text} onValue={setText} autoFocus />
      <List state={list} itemsOf={(page) => page.tenants} empty={<Empty title="There is no tenant" />}>
        {(items) => {
          const found = items.filter(({ id, name }) => id.includes(wanted) || name.toLowerCase().includes(wanted));
          return found.length === 0 ? (
            <p>None of these is called so.</p>
          ) : (
            <ul className={styles["list"]}>
              {found.map(({ id, name }) => (
                <li key={id}>
                  <Link to={place(id)} onClick={onClose} aria-current={id === tenant ? "true" : undefined}>
                    <Text>{id}</Text>
                    {name !== id && (
                      <small>
                        <Text max={60}>{name}</Text>
                      </small>
                    )}
                  </Link>
                </li>
              ))}
            </ul>
          );
        }}
      </List>
      <Row>
        <Button onClick={onClose}>Cancel</Button>
      </Row>
    </Stack>
  );
}

/** The same kind of screen in another tenant: what is opened in it now is not there. */
function useSamePlace(): (tenant: string) => string {
  const { pathname } = useLocation();
  const [, , , section = ""] = pathname.split("/");
  return (tenant) => `/t/${encodeURIComponent(tenant)}${section === "go" ? "" : `/${section}`}`;
}
