-- rubis_entry is append-only: what it holds has happened.

create or replace trigger rubis_entry_00_refuse_rewriting
before update or delete or truncate on rubis.rubis_entry
for each statement execute function rubis.refuse_rewriting();
