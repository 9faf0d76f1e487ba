-- activity_event is append-only: what it holds has happened.

create or replace trigger activity_event_00_refuse_rewriting
before update or delete or truncate on rubis.activity_event
for each statement execute function rubis.refuse_rewriting();
