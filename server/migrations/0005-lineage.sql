-- A thing is its type, id and version in one text, so that an edge can be found from either end by one index.
create table lineage_edges (
  project_id text not null,
  from_thing text not null,
  relation text not null check (relation in ('produced', 'consumed', 'derived', 'deployed')),
  to_thing text not null,
  at_ms bigint not null,
  primary key (project_id, from_thing, relation, to_thing)
);
create index lineage_edges_back on lineage_edges (project_id, to_thing);
