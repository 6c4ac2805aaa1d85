-- Puts somebody on the list of the erased; who is on it already is to be erased once more.
--
-- Parameters
--   $1 site_id    text
--   $2 kind       text
--   $3 id_hash    text
--   $4 erased_at  timestamp
insert into erased_person (site_id, kind, id_hash, erased_at)
values ($1, $2, $3, $4)
on conflict (site_id, kind, id_hash) do update
set
  finished_at = null;
