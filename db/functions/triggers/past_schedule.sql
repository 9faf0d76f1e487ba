-- past_schedule is append-only: what it holds has happened.

create or replace trigger past_schedule_00_refuse_rewriting
before update or delete or truncate on rubis.past_schedule
for each statement execute function rubis.refuse_rewriting();
