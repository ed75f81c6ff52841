import type { User } from "@atrium/contract/identity";
import { MoreMenu } from "../../lib/menu.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Ago } from "../../lib/words.tsx";

interface UserActions {
  setState: (user: User, state: User["state"]) => void;
  makeResetLink: (user: User) => void;
}

/** Columns of the people; `actions` are absent for those who may not change them. */
export function peopleColumns(actions: UserActions | undefined): Column<User>[] {
  return [
    {
      id: "name",
      title: "Name",
      width: 220,
      fixed: "first",
      text: (user) => user.displayName,
      cell: (user) => <span className="font-medium">{user.displayName}</span>,
    },
    {
      id: "email",
      title: "E-mail",
      width: 260,
      usual: "shown",
      text: (user) => user.email,
      cell: (user) => user.email,
    },
    {
      id: "state",
      title: "State",
      width: 110,
      usual: "shown",
      text: (user) => user.state,
      cell: (user) => (
        <span className={user.state === "active" ? "text-good" : "text-warn"}>
          {user.state === "active" ? "Active" : "Suspended"}
        </span>
      ),
    },
    {
      id: "seen",
      title: "Last signed in",
      width: 130,
      usual: "shown",
      text: (user) => user.lastSignInMs,
      cell: (user) =>
        user.lastSignInMs ? <Ago at={user.lastSignInMs} /> : <span className="text-ink-3">never</span>,
    },
    {
      id: "more",
      title: "",
      width: 60,
      ...(actions ? { usual: "shown" as const } : {}),
      text: () => "",
      cell: (user) =>
        actions && (
          <MoreMenu
            items={[
              user.state === "active"
                ? { title: "Suspend", danger: "yes", run: () => actions.setState(user, "suspended") }
                : { title: "Let in again", run: () => actions.setState(user, "active") },
              { title: "Make a password link", run: () => actions.makeResetLink(user) },
            ]}
          />
        ),
    },
  ];
}
