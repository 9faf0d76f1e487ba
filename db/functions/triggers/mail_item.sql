-- mail_item, in firing order.

create or replace trigger mail_item_00_refuse_tenant_change
before update of organization_id on rubis.mail_item
for each row execute function rubis.refuse_tenant_change();

-- What an attempt carried never changes; the last word on a letter is noted once.
create or replace trigger mail_item_00_refuse_rewriting
before update of
mail_id, attempt, position, invoice_id, checkin_task_id, relance_id, token_hash, answered_at,
word_at, word_age_days, word_valid_days
on rubis.mail_item
for each statement execute function rubis.refuse_rewriting();
