-- The last row that user_product_interactions holds, by the engine's own numbers.
--
-- Columns
--   last_row  int64
select coalesce(max(rowid), -1) as last_row
from user_product_interactions;
