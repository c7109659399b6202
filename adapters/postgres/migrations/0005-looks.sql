-- Who has looked today (every camera list asks), and the auditor's list by time.
create index looks_at on looks (at);
