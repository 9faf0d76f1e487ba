-- How many attempts a key has left, shared by all processes. What a crash empties fills again by
-- itself, so it is unlogged: counting waits for no disk.

create unlogged table rubis.rate_limit (
  key rubis.sha256 not null,
  free_at rubis.moment not null,
  constraint rate_limit__pkey primary key (key)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
comment on table rubis.rate_limit is
  'One row per address or e-mail that attempted something limited a short time ago.';
comment on column rubis.rate_limit.key is
  'SHA-256 of what is limited and of the address or e-mail.';
comment on column rubis.rate_limit.free_at is
  'When all attempts of this key are forgotten. Each attempt moves it on by period / rate.';
