-- checkin_click is append-only: what it holds has happened.

create or replace trigger checkin_click_00_refuse_rewriting
before update or delete or truncate on rubis.checkin_click
for each statement execute function rubis.refuse_rewriting();
