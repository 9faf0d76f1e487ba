-- letter_wording, in firing order.

create or replace trigger letter_wording_00_refuse_tenant_change
before update of organization_id on rubis.letter_wording
for each row execute function rubis.refuse_tenant_change();
