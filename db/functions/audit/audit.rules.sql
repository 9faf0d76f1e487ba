-- Every audit.rule_* view of the catalogue, counted.

create view audit.rules as
select r.rule, r.violations, r.what
from rubis.count_violations() as r
order by r.violations = 0, r.rule;

comment on view audit.rules is
  'Every rule with how many rows violate it: all must be 0. Select from one that is not for its '
  'remedies. Reads whole tables.';
