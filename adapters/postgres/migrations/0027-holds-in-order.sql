-- The order in which holds are listed: those in force first, the newest of each first.
-- Writer of `holds`: alerts/evidence.
drop index holds_newest;
create index holds_in_order on holds ((released_at is not null), at desc, id desc);
