-- Writer of `camera_leases`: adapters/postgres/control-plane. A camera of which a worker hears nothing goes on to another
-- one, which may be in another network.
alter table camera_leases add column offered_to text;                          -- who may take it first; null: whoever has room
alter table camera_leases add column not_reached text[] not null default '{}'; -- who heard nothing of it, since all of them were tried
alter table camera_leases add column handed_at timestamptz;                    -- when it went on last
create index camera_leases_offered on camera_leases (offered_to) where offered_to is not null;
create index camera_leases_not_reached on camera_leases (camera) where not_reached <> '{}';
