-- letter_text, in firing order.

create or replace trigger letter_text_00_refuse_tenant_change
before update of organization_id on rubis.letter_text
for each row execute function rubis.refuse_tenant_change();
