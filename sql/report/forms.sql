-- Forms that were sent in a range: how many visits that saw a form's page sent it.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
--   $4 limit   int64
-- Columns
--   form_id      text    empty when the form has none
--   path         text    of its page
--   submissions  int64
--   sessions     int64   visits that sent it
--   viewers      int64   visits that viewed the page, or sent a form there
--   total        int64   forms in the range, the same in each row
with sent as (
  select
    coalesce(form_id, '') as form_id,
    coalesce(page_path, '') as path,
    session_id
  from form_submissions
  where site_id = $1
    and submit_timestamp >= $2
    and submit_timestamp < $3
),
forms as (
  select
    form_id,
    path,
    count(*) as submissions,
    count(distinct session_id) as sessions
  from sent
  group by form_id, path
),
seen as (
  select
    path,
    session_id
  from pageviews
  where site_id = $1
    and view_timestamp >= $2
    and view_timestamp < $3
    and path in (select path from sent)
  union
  select
    path,
    session_id
  from sent
),
viewers as (
  select
    path,
    count(*) as viewers
  from seen
  group by path
)
select
  forms.form_id,
  forms.path,
  forms.submissions,
  forms.sessions,
  viewers.viewers,
  count(*) over () as total
from forms
inner join viewers on viewers.path = forms.path
order by forms.submissions desc, forms.form_id, forms.path
limit $4;
