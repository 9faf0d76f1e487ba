-- mail_item, in firing order.

create or replace trigger mail_item_00_refuse_tenant_change
before update of organization_id on rubis.mail_item
for each row execute function rubis.refuse_tenant_change();
