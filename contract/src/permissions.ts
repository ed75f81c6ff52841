/** Everything that can be allowed, as `thing:action`. Roles are sets of these; a custom role is any subset. */
export const PERMISSIONS = [
  "instance:read",
  "instance:write",
  "organisation:read",
  "organisation:write",
  "user:read",
  "user:write",
  "group:read",
  "group:write",
  "role:read",
  "role:write",
  "service-account:read",
  "service-account:write",
  "grant:read",
  "grant:write",
  "project:create",
  "project:read",
  "project:write",
  "project:delete",
  "secret:read",
  "secret:write",
  "experiment:read",
  "experiment:write",
  "experiment:delete",
  "run:read",
  "run:write",
  "run:delete",
  "artifact:read",
  "artifact:write",
  "artifact:delete",
  "model:read",
  "model:write",
  "model:promote",
  "model:delete",
  "lineage:read",
  "telemetry:read",
  "telemetry:write",
  "audit:read",
] as const;

export type Permission = (typeof PERMISSIONS)[number];

const read = PERMISSIONS.filter((p) => p.endsWith(":read"));
const viewer = read.filter(
  (p) => !["instance:read", "audit:read", "secret:read", "grant:read", "service-account:read"].includes(p),
);
const editor: Permission[] = [
  ...viewer,
  "experiment:write",
  "run:write",
  "run:delete",
  "artifact:write",
  "artifact:delete",
  "model:write",
  "telemetry:write",
  "secret:read",
];
const maintainer: Permission[] = [
  ...editor,
  "experiment:delete",
  "model:promote",
  "model:delete",
  "grant:read",
  "grant:write",
  "secret:write",
  "project:write",
  "service-account:read",
  "service-account:write",
];

/** The built-in roles. `owner` is given at first start, then by owners only, to users; it always keeps one holder. */
export const BUILT_IN_ROLES = {
  viewer,
  editor,
  maintainer,
  admin: PERMISSIONS.filter((p) => p !== "instance:write"),
  auditor: ["organisation:read", "project:read", "audit:read", "telemetry:read"] as Permission[],
  owner: [...PERMISSIONS],
} as const satisfies Record<string, readonly Permission[]>;

export type BuiltInRole = keyof typeof BUILT_IN_ROLES;
