-- Forgets an RL model.
--
-- Parameters
--   $1 site_id text
--   $2 id      int64
delete from rl_model_metadata
where site_id = $1
  and id = $2;
