create or replace view audit.relance_verdict as
select r.organization_id, r.invoice_id, r.relance_id, r.step, r.tone, r.status, r.scheduled_at,
       f.leaves_at, f.reason, f.asks_at
  from rubis.relance as r
 cross join lateral rubis.relance_outlook(r) as f
 where r.status in ('scheduled', 'held', 'sending', 'unconfirmed');
comment on view audit.relance_verdict is
  'Every relance ahead: when it may leave by itself if nothing changes, or why it waits or is '
  'held. The verdict that sending obeys. Another letter to the same address may put it off.';
