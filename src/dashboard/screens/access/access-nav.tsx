import { useParams } from "@tanstack/react-router";
import { reaches, useSelf } from "../../api/session.ts";
import { Tabs } from "../../parts/tabs.tsx";

/** What there is of who may come in. */
export function AccessNav() {
  const { tenant = "" } = useParams({ strict: false });
  const self = useSelf();
  const root = `/t/${encodeURIComponent(tenant)}/access`;
  const tabs = [
    { label: "Tokens and keys", to: root, least: "member" },
    { label: "Sessions", to: `${root}/sessions`, least: "member" },
    { label: "Principals", to: `${root}/principals`, least: "admin" },
    { label: "Tenants", to: `${root}/tenants`, least: "operator" },
  ] as const;
  return <Tabs label="Access" tabs={tabs.filter(({ least }) => reaches(self, least))} />;
}
