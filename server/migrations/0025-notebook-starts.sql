-- When Jupyter was first seen to answer; until then its start is under way, and has an end.
alter table notebooks_servers add column answered_ms bigint;
-- When its start was given up; its job is ended then.
alter table notebooks_servers add column given_up_ms bigint;
