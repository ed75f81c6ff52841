import { Ellipsis } from "lucide-react";
import { DropdownMenu, Popover as RadixPopover } from "radix-ui";
import type { ReactNode } from "react";

export interface MenuItem {
  title: ReactNode;
  icon?: ReactNode;
  danger?: string;
  checked?: boolean;
  run: () => void;
}

/** A menu of verbs. Not modal: a modal one would inject a style sheet, which the content policy forbids. */
export function Menu({
  trigger,
  items,
  label,
}: {
  trigger: ReactNode;
  items: readonly (MenuItem | "line")[];
  label: string;
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu max-h-[70vh] overflow-auto"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
        >
          {items.map((item, index) =>
            item === "line" ? (
              <DropdownMenu.Separator key={index} className="my-1 h-px bg-line" />
            ) : (
              <DropdownMenu.Item
                key={index}
                className={`menu-item ${item.danger ? "text-bad" : ""}`}
                onSelect={item.run}
              >
                {item.icon}
                <span className="flex-1">{item.title}</span>
                {item.checked && <span aria-hidden>✓</span>}
                {item.checked && <span className="sr-only">(chosen)</span>}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** What is not the one primary action lives behind these dots. */
export function MoreMenu({ items }: { items: readonly (MenuItem | "line")[] }) {
  return (
    <Menu
      label="More"
      items={items}
      trigger={
        <button type="button" className="button button-icon" aria-label="More actions">
          <Ellipsis size={16} />
        </button>
      }
    />
  );
}

export function Popover({
  trigger,
  children,
  label,
  align = "end",
}: {
  trigger: ReactNode;
  children: ReactNode;
  label: string;
  align?: "start" | "end";
}) {
  return (
    <RadixPopover.Root>
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content
          className="menu max-h-[75vh] max-w-[calc(100vw-16px)] overflow-auto"
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
        >
          {children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
