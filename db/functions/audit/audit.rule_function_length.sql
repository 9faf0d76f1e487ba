create view audit.rule_function_length as
select c.signature, c.lines, 'split it: 80 lines at most' as remedy
from audit.function_cards as c
where c.lines > 80;

comment on view audit.rule_function_length is 'No function is longer than 80 lines.';
