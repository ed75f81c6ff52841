import { RoomHeader } from "../../lib/page.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { Grants } from "./grants.tsx";
import { Groups } from "./groups.tsx";
import { People } from "./people.tsx";
import { Roles } from "./roles.tsx";
import { ServiceAccounts } from "./service-accounts.tsx";
import { Tokens } from "./tokens.tsx";

/** Who may come in, and what they may do there. */
export function AccessScreen() {
  return (
    <>
      <RoomHeader title="Access" />
      <Tabs
        tabs={[
          { id: "tokens", title: "My tokens", content: () => <Tokens /> },
          { id: "people", title: "People", content: () => <People /> },
          { id: "groups", title: "Groups", content: () => <Groups /> },
          { id: "service-accounts", title: "Service accounts", content: () => <ServiceAccounts /> },
          { id: "roles", title: "Roles", content: () => <Roles /> },
          { id: "grants", title: "Who has what", content: () => <Grants /> },
        ]}
      />
    </>
  );
}
