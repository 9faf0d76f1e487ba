-- What makes planning and a change of what planning reads wait for each other.

create table rubis.planning (
  organization_id bigint not null,
  constraint planning__pkey primary key (organization_id),
  constraint planning__organization foreign key (organization_id)
  references rubis.organization (organization_id)
);
comment on table rubis.planning is
  'One row per organization, only to be locked: shared by who plans a question or a relance, held '
  'by who changes settings, plan or client and plans again.';
