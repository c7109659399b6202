-- Who was at work when, for the alarms of each operator (dashboard-api/statistics): what operators did, by time.
create index alerts_judged on alerts (verdict_at) where verdict_at is not null;
create index alerts_acknowledged on alerts (acknowledged_at) where acknowledged_at is not null;
create index follow_ups_operator on follow_ups (at) where actor_kind = 'person' and role = 'operator';
