create or replace function rubis.suits_confirm(p_organization_id bigint)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether questions of two mails were contradicted while the links still answer at one click.
-- A program that follows the links of a mail contradicts every question in it, so mails count.
--   Called by  rubis.advise_confirm, rubis.organization_document
  select o.click_mode = 'direct' and exists (
           select from (
               select t.checkin_task_id from rubis.checkin_task as t
                where t.organization_id = o.organization_id
                  and t.contradicted_at is not null limit 1) as one
            cross join lateral rubis.latest_attempt(
              o.organization_id, one.checkin_task_id, null) as its
             join rubis.checkin_task as t
               on t.organization_id = o.organization_id and t.contradicted_at is not null
            cross join lateral rubis.latest_attempt(
              o.organization_id, t.checkin_task_id, null) as other
            where other.mail_id <> its.mail_id)
    from rubis.organization as o
   where o.organization_id = p_organization_id;
$$;
comment on function rubis.suits_confirm(bigint) is
  'Whether click_mode confirm is to be recommended: direct, and questions of at least two mails '
  'were contradicted.';
