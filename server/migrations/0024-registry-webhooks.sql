-- Whom a project tells of changes of its models and prompts.
create table registry_webhooks (
  id text not null primary key,
  project_id text not null,
  name text not null,
  description text not null,
  url text not null,
  -- JSON: `<entity>.<action>`.
  events text not null,
  state text not null check (state in ('active', 'disabled')),
  -- What signs its messages, sealed with the project's key; null where nothing does.
  secret bytes,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null
);
create index registry_webhooks_project on registry_webhooks (project_id, id);

-- What is sent to them, written in the transaction that causes it.
create table registry_deliveries (
  id text not null primary key,
  webhook_id text not null references registry_webhooks (id) on delete cascade,
  project_id text not null,
  event text not null,
  body text not null,
  state text not null check (state in ('pending', 'delivered', 'failed')),
  attempts bigint not null,
  created_ms bigint not null,
  next_ms bigint not null,
  ended_ms bigint,
  last_status bigint,
  last_error text not null
);
create index registry_deliveries_due on registry_deliveries (state, next_ms, id);
create index registry_deliveries_webhook on registry_deliveries (webhook_id, id);
