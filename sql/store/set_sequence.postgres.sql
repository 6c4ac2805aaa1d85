-- Makes a sequence go on behind a number.
--
-- Parameters
--   $1 name  text
--   $2 last  int64
-- Columns
--   last  int64
select setval(to_regclass(quote_ident($1::text)), $2::bigint) as last;
