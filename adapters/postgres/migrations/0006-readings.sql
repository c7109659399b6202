-- Readings of sensors.

-- Writer: alerts/sensors. Append-only, by day (alerts/partitions). What the device sent, once; a packet sent again is
-- nothing new. Marks that come later are rows of their own (reading_marks): raw value, device flag and mark are separate facts.
create table readings (
  at          timestamptz      not null,        -- by the device's clock
  received_at timestamptz      not null,
  device      text             not null,        -- HJ 212 MN, or the id of an MQTT sensor
  factor      text             not null,
  period      text             not null check (period in ('instant', 'minute', 'hour', 'day')),
  statistic   text             not null check (statistic in ('value', 'min', 'avg', 'max', 'sum')),
  value       double precision,                 -- as sent, without the sensor's scale
  flag        text,                             -- of the device: N normal, D broken …; null: it sent none
  message_id  text             not null,
  primary key (device, factor, period, statistic, at)
) partition by range (at);
create table readings_default partition of readings default;
create index readings_at on readings using brin (at);
