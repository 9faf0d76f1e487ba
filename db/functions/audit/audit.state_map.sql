create view audit.state_map as
select t.entity, t.from_status, t.to_status, t.note,
       not exists (
         select from rubis.state_transition as further
          where further.entity = t.entity and further.from_status = t.to_status
       ) as is_final
from rubis.state_transition as t
order by t.entity, t.from_status <> '(new)', t.from_status, t.to_status;

comment on view audit.state_map is
  'The legal moves of every status; rubis.guard_status refuses '
  'all others. audit.state_counts says how many rows are where.';
comment on column audit.state_map.from_status is 'The status before, or (new) for an insert.';
comment on column audit.state_map.is_final is 'Nothing leaves to_status.';
