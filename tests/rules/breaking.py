"""Ways to break what the audit rules watch: (rule, the superuser's statements, to be rolled back)."""


def function(name: str, body: str, card: str = "-- Something.\n--   Called by  nobody") -> str:
    """A function of ours with one fault."""
    return (
        f"create function {name} returns void language plpgsql set search_path = pg_catalog, pg_temp"
        f" as $$\n{card}\nbegin\n{body}\nend;\n$$;"
    )


WITHOUT_EFFECTS = (
    "alter table rubis.invoice disable trigger invoice_50_effects_insert;"
    " alter table rubis.invoice disable trigger invoice_50_effects_update;"
)
INSERT_INVOICE = (
    "insert into rubis.invoice (organization_id, client_id, user_id, number, issued_on, due_on, amount_cents)"
    " select organization_id, client_id, user_id, 'past the triggers', issued_on, due_on, amount_cents"
    " from rubis.invoice limit 1;"
)
LIVE = "(select checkin_task_id from rubis.checkin_task where status = 'scheduled' limit 1)"

LETTER = (
    "with mail as (insert into rubis.mail (organization_id, kind, client_id, address_key, next_attempt_at)"
    " select i.organization_id, 'letter', i.client_id, 'a@b.test', rubis.clock()"
    " from rubis.invoice as i where i.number = 'open' returning organization_id, mail_id),"
    " attempt as (insert into rubis.mail_attempt (organization_id, mail_id, attempt, to_address, message_id)"
    " select m.organization_id, m.mail_id, 1, 'a@b.test', '<1@b.test>' from mail as m)"
    " insert into rubis.mail_item (organization_id, mail_id, attempt, position, invoice_id, relance_id,"
    " word_at, word_age_days, word_valid_days)"
    " select r.organization_id, m.mail_id, 1, 1, r.invoice_id, r.relance_id, rubis.clock(), 0, 7"
    " from mail as m join rubis.relance as r using (organization_id)"
    " join rubis.invoice as i using (organization_id, invoice_id) where i.number = 'open';"
)
SECOND_LETTER = "drop index rubis.mail__one_letter;" + LETTER * 2
UNGUARDED = "alter table rubis.relance disable trigger user;"

BREAKING = [
    ("search_path", "alter function rubis.retry_delay reset all"),
    ("search_path", "alter function rubis.retry_delay set search_path = public"),
    ("search_path", "alter function rubis.retry_delay set search_path = ''"),
    ("search_path", "alter function rubis.retry_delay set search_path = queue, pg_temp"),
    ("public_has_nothing", "grant usage on schema api to public"),
    (
        "public_has_nothing",
        "do $$begin execute format('grant temporary on database %I to public', current_database()); end$$",
    ),
    ("public_has_nothing", "grant select on rubis.invoice to public"),
    ("public_has_nothing", "grant select (number) on rubis.invoice to public"),
    ("public_has_nothing", "grant execute on function api.readiness to public"),
    ("public_has_nothing", "grant usage on type rubis.line to public"),
    ("public_has_nothing", "grant select on queue.procrastinate_jobs to public"),
    ("public_has_nothing", "create function rubis.forgotten() returns int language sql as 'select 1'"),
    ("role_privileges", "grant select on rubis.invoice to rubis_api"),
    ("role_privileges", "grant update (status) on rubis.invoice to rubis_worker"),
    ("role_privileges", "grant usage on schema rubis to rubis_auditor"),
    ("role_privileges", "grant create on schema api to rubis_api"),
    ("role_privileges", "revoke usage on schema api from rubis_api"),
    ("role_privileges", "grant execute on function worker.tick_organization to rubis_api"),
    ("role_privileges", "revoke execute on function worker.tick_organization from rubis_worker"),
    ("role_privileges", "grant execute on function rubis.lock_invoice to rubis_auditor"),
    ("role_privileges", "grant insert on audit.rules to rubis_auditor"),
    ("role_privileges", "revoke select on audit.rules from rubis_auditor"),
    ("role_privileges", "grant rubis_owner to rubis_api"),
    ("role_privileges", "alter role rubis_worker superuser"),
    ("owner", "alter function api.readiness owner to postgres"),
    ("owner", "alter table rubis.invoice owner to postgres"),
    ("owner", "alter schema audit owner to postgres"),
    ("owner", "alter type rubis.line owner to postgres"),
    ("owner", "alter role rubis_owner superuser"),
    ("owner", "alter role rubis_owner login"),
    ("commented", "comment on table rubis.invoice is null"),
    ("commented", "comment on view audit.rules is null"),
    ("commented", "comment on function api.readiness is null"),
    ("commented", "comment on schema worker is ''"),
    ("commented", "comment on domain rubis.line is null"),
    ("function_card", function("rubis.f()", "null;", card="")),
    ("function_card", function("rubis.f()", "null;", card="-- Something.")),
    ("function_card", function("rubis.f()", "raise exception using errcode = 'RB409';")),
    ("function_card", function("rubis.f()", "delete from rubis.invoice;")),
    (
        "function_callers",
        function("rubis.f()", "null;", card="-- Something.\n--   Called by  rubis.lock_invoice"),
    ),
    ("function_callers", function("rubis.f()", "null;", card="-- Something.\n--   Called by  rubis.nobody")),
    ("function_length", function("rubis.f()", "null;\n" * 80)),
    ("definer", "alter function rubis.lock_invoice security definer"),
    ("definer", "alter function api.readiness security invoker"),
    ("token_first", function("api.f(p_organization_id bigint)", "null;")),
    ("token_first", function("api.f(p_access_token_hash bytea)", "null;")),
    ("one_clock", function("rubis.f()", "perform now();")),
    ("one_clock", function("rubis.f()", "perform current_timestamp;")),
    ("one_clock", "alter table rubis.client alter column created_at set default now()"),
    ("bounded_time", "alter table rubis.client add column since date"),
    ("bounded_time", "alter table rubis.checkin_click add column seen_at timestamptz"),
    ("bounded_time", "alter table rubis.organization drop constraint organization__relance_time"),
    ("bounded_time", "alter domain rubis.moment drop constraint moment__range"),
    ("lock_strength", function("rubis.f()", "perform from rubis.invoice as i\n for update;")),
    ("foreign_key_index", "drop index rubis.invoice__client_id"),
    ("foreign_key_index", "drop index rubis.activity_event__task_id"),
    ("tenant_first", "create table rubis.t (t_id bigint primary key)"),
    ("tenant_first", "create table rubis.t (organization_id bigint not null, t_id bigint primary key)"),
    ("tenant_first", "create index i on rubis.invoice (number)"),
    (
        "tenant_first",
        (
            "create table rubis.t (t_id bigint, organization_id bigint not null,"
            " foreign key (t_id, organization_id) references rubis.client (client_id, organization_id))"
        ),
    ),
    ("tenant_fixed", "drop trigger client_00_refuse_tenant_change on rubis.client"),
    ("tenant_fixed", "alter table rubis.client disable trigger client_00_refuse_tenant_change"),
    (
        "merged_client_live",
        (
            "alter table rubis.client disable trigger user;"
            " insert into rubis.client (organization_id, name) select organization_id, n"
            " from rubis.organization, unnest(array['Un', 'Deux', 'Trois']) as n;"
            " update rubis.client as c set merged_into_client_id = t.client_id from rubis.client as t"
            " where t.organization_id = c.organization_id"
            " and (c.name, t.name) in (('Un', 'Deux'), ('Deux', 'Trois'))"
        ),
    ),
    ("append_only", "drop trigger rubis_entry_00_refuse_rewriting on rubis.rubis_entry"),
    ("status_guarded", "drop trigger relance_20_guard_status_insert on rubis.relance"),
    ("status_guarded", "alter table rubis.relance disable trigger relance_20_guard_status_update"),
    (
        "status_guarded",
        (
            "create or replace trigger relance_20_guard_status_insert before insert on rubis.relance"
            " for each row when (new.status <> 'held') execute function rubis.guard_status()"
        ),
    ),
    (
        "status_guarded",
        (
            "create or replace trigger relance_20_guard_status_insert before insert on rubis.relance"
            " for each row when (new.status <> 'scheduled' and new.step > 1)"
            " execute function rubis.guard_status()"
        ),
    ),
    (
        "status_guarded",
        (
            "create or replace trigger relance_20_guard_status_update before update on rubis.relance"
            " for each row when (new.status <> 'scheduled') execute function rubis.guard_status()"
        ),
    ),
    (
        "status_guarded",
        "delete from rubis.state_transition where (entity, from_status) = ('invoice', '(new)')",
    ),
    ("status_mapped", "delete from rubis.state_transition where 'held' in (from_status, to_status)"),
    (
        "status_mapped",
        "insert into rubis.state_transition values ('invoice', 'paid', 'disputed', 'no such status')",
    ),
    ("no_secrets_shown", "create view audit.leak as select token_hash from rubis.mail_item"),
    ("no_secrets_shown", "create view audit.leak as select * from rubis.app_user"),
    (
        "rubis_match_events",
        "alter table rubis.rubis_entry disable trigger user; delete from rubis.rubis_entry where delta = -1",
    ),
    (
        "rubis_match_events",
        f"{WITHOUT_EFFECTS} update rubis.invoice set status = 'open' where number = 'P-0'",
    ),
    (
        "paid_invoice_has_event",
        f"{WITHOUT_EFFECTS} update rubis.invoice set status = 'paid' where number = 'open'",
    ),
    ("open_invoice_asked", WITHOUT_EFFECTS + INSERT_INVOICE),
    (
        "live_task_invoice_open",
        f"{WITHOUT_EFFECTS} update rubis.invoice set status = 'cancelled' where number = 'open'",
    ),
    (
        "relance_ahead_invoice_open",
        f"{WITHOUT_EFFECTS} update rubis.invoice set status = 'cancelled' where number = 'open'",
    ),
    (
        "one_live_task",
        (
            "drop index rubis.checkin_task__one_live;"
            " insert into rubis.checkin_task (organization_id, invoice_id, scheduled_at)"
            f" select organization_id, invoice_id, now() from rubis.checkin_task"
            f" where checkin_task_id = {LIVE}"
        ),
    ),
    (
        "answer_paid_settles",
        (
            "update rubis.checkin_task set status = 'answered', answer = 'paid', answered_at = now(),"
            f" answered_via = 'app' where checkin_task_id = {LIVE}"
        ),
    ),
    (
        "paid_by_a_click",
        "update rubis.invoice set status = 'paid', paid_via = 'check-in' where number = 'open'",
    ),
    (
        "mail_moves_task",
        (
            "update rubis.mail_attempt as a set accepted_at = now() from rubis.mail as m"
            " where m.mail_id = a.mail_id and m.kind = 'questions' and m.status = 'sending'"
        ),
    ),
    (
        "mail_moves_task",
        (
            "update rubis.mail_attempt as a set accepted_at = null from rubis.mail_item as x"
            " join rubis.checkin_task as t using (organization_id, checkin_task_id)"
            " where (a.mail_id, a.attempt) = (x.mail_id, x.attempt) and t.status = 'sent'"
        ),
    ),
    (
        "sending_in_mail",
        f"update rubis.checkin_task set status = 'sending' where checkin_task_id = {LIVE}",
    ),
    (
        "sending_in_mail",
        (
            f"{UNGUARDED} update rubis.relance set status = 'sending', next_look_at = null"
            " where status = 'scheduled'"
        ),
    ),
    (
        "sending_in_mail",
        (
            "update rubis.mail set status = 'sent', ended_at = now(), lease_expires_at = null"
            " where kind = 'questions' and status = 'sending'"
        ),
    ),
    (
        "draft_validated_once",
        (
            "insert into rubis.app_user (organization_id, email, full_name, password_hash)"
            " select organization_id, 'other@example.test', 'Other', '$argon2id$x' from rubis.import_batch;"
            " update rubis.import_batch as b set user_id = u.user_id from rubis.app_user as u"
            " where u.organization_id = b.organization_id and u.email = 'other@example.test'"
        ),
    ),
    ("relance_owner_asked", LETTER),
    ("word_fresh", LETTER),
    (
        "said_paid_decided",
        f"update rubis.invoice set said_paid_at = rubis.clock() - interval '1 hour'; {LETTER}",
    ),
    ("relance_spacing", SECOND_LETTER),
    (
        "relance_step_once",
        (
            f"{UNGUARDED} update rubis.relance set status = 'sent', next_look_at = null, sent_at = now()"
            " where status = 'scheduled';"
            " insert into rubis.relance (organization_id, invoice_id, client_id, due_on, relance_plan_id,"
            "  step, days_after_due, tone, status, scheduled_at, sent_at)"
            " select organization_id, invoice_id, client_id, due_on, relance_plan_id, step,"
            "  days_after_due, tone, 'sent', now(), now()"
            " from rubis.relance where status = 'sent' limit 1"
        ),
    ),
    (
        "letter_moves_relance",
        (
            f"{UNGUARDED} update rubis.relance set status = 'sent', next_look_at = null, sent_at = now()"
            " where status = 'scheduled'"
        ),
    ),
    (
        "letter_moves_relance",
        (
            f"{UNGUARDED} update rubis.relance set status = 'unconfirmed', next_look_at = null"
            " where status = 'scheduled'"
        ),
    ),
    (
        "held_relance_waits",
        (
            f"{UNGUARDED} update rubis.app_user set release_due = false;"
            " update rubis.relance set status = 'held', next_look_at = null, hold_reason = 'paused'"
            " where status = 'scheduled'"
        ),
    ),
]
