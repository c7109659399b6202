-- Every change of the configuration is in the change log: who changed a rule, a route or a user, when and why.
-- Writer: adapters/postgres/config-store and config-desk.
-- (The list of topics is core/changes.ts: see 0015-desk.sql.)
alter table changes drop constraint changes_topic_check;
alter table changes add constraint changes_topic_check check (topic ~ '^[a-z][a-z_]{1,30}$');
