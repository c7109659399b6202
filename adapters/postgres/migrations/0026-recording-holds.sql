-- Holds of kept recordings that belong to no case.
-- Writer of `holds`: alerts/evidence.
alter table holds drop constraint holds_owner_kind_check;
alter table holds add constraint holds_owner_kind_check check (owner_kind in ('alert', 'case', 'recording'));
create index holds_newest on holds (at desc, id desc);
