-- The roles, made by the administrator before the first migration. Run by app/deploy/migrate.py
-- each time; it changes only what is missing, so that a DBA may make the roles by hand instead, and
-- what a DBA has set on them stays. Roles belong to the whole server, hence the handlers: another
-- database of it may be migrated at the same moment.

do $$
declare
  v_role text;
begin
  foreach v_role in array array['rubis_owner', 'rubis_api', 'rubis_worker', 'rubis_auditor'] loop
    continue when to_regrole(v_role) is not null;
    begin
      execute format(
        'create role %I %s', v_role, case v_role when 'rubis_owner' then 'nologin'
          else 'login' end);
      if v_role <> 'rubis_owner' then
        execute format('alter role %I set timezone = %L', v_role, 'UTC');
      end if;
      if v_role in ('rubis_api', 'rubis_worker') then
        execute format('alter role %I set statement_timeout = %L', v_role, '15s');
        execute format('alter role %I set idle_in_transaction_session_timeout = %L', v_role, '15s');
        execute format('alter role %I set lock_timeout = %L', v_role, '5s');
        -- A session keeps the plans of its first calls, made while tables may still be small.
        execute format('alter role %I set enable_seqscan = %L', v_role, 'off');
        execute format('alter role %I set jit = %L', v_role, 'off');
      end if;
      if v_role = 'rubis_worker' then
        -- Procrastinate names its tables without a schema, and a pooler drops what its client asks
        -- for when it connects.
        execute format('alter role %I set search_path = queue, pg_temp', v_role);
      end if;
    exception when duplicate_object or unique_violation then
      null;
    end;
  end loop;
end;
$$;

-- The administrator may act as the owner but does not inherit from it: `set role rubis_owner` has
-- to be said. PostgreSQL 15 has no such distinction.
do $$
begin
  if current_setting('server_version_num')::int >= 160000 then
    if not pg_has_role('rubis_owner', 'set') then
      execute format('grant rubis_owner to %I with inherit false, set true', current_user);
    end if;
  elsif not pg_has_role('rubis_owner', 'member') then
    execute format('grant rubis_owner to %I', current_user);
  end if;
  if not has_database_privilege('rubis_owner', current_database(), 'create') then
    execute format('grant create on database %I to rubis_owner', current_database());
  end if;
  -- A new database lets everybody make temporary tables and types, whose names come first where a
  -- search_path does not say otherwise. Only a DBA needs them here.
  if has_database_privilege('public', current_database(), 'temporary') then
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant temporary on database %I to rubis_owner', current_database());
  end if;
end;
$$;
