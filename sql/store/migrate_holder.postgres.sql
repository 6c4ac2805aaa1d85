-- Who migrates this database now.
--
-- Columns
--   holder  text   "process 4711 (attune from 10.0.0.7, since 2026-01-01 00:00:00)"
select
  format(
    'process %s (%s%s, since %s)',
    activity.pid,
    coalesce(nullif(activity.application_name, ''), 'no name'),
    coalesce(' from ' || host(activity.client_addr), ''),
    to_char(activity.backend_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')
  ) as holder
from pg_locks as locks
inner join pg_stat_activity as activity on activity.pid = locks.pid
where locks.locktype = 'advisory'
  and locks.granted
  and locks.database = (select oid from pg_database where datname = current_database())
  and locks.objsubid = 1
  and ((locks.classid::bigint << 32) | locks.objid::bigint) = hashtextextended('attune migrate', 0)
order by holder
limit 1;
