-- Whether workers tick.

create table rubis.worker_heartbeat (
  worker rubis.line not null,
  started_at rubis.moment not null default rubis.clock(),
  last_tick_at rubis.moment not null default rubis.clock(),
  constraint worker_heartbeat__pkey primary key (worker)
) with (fillfactor = 50);
comment on table rubis.worker_heartbeat is
  'One row per worker process of the last week; /readyz and audit.stuck_worker read it.';
comment on column rubis.worker_heartbeat.worker is 'host:pid of the process.';
