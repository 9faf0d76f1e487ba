-- A chain of merges is one step long: every reader follows one step.

create view audit.rule_merged_client_live as
select m.organization_id, m.client_id, m.merged_into_client_id,
       'point it to the client that the chain ends in; see rubis.resolve_merge' as remedy
from rubis.client as m
join rubis.client as c
  on c.organization_id = m.organization_id and c.client_id = m.merged_into_client_id
where c.merged_into_client_id is not null;

comment on view audit.rule_merged_client_live is
  'A client is merged into one that is not merged itself.';
