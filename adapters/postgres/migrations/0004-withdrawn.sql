-- What was taken back while it was `sending`: an alert was rejected, or a reminder answered. Its call cannot be undone,
-- but when it fails it is not tried again.
alter table notifications add column withdrawn boolean not null default false;
