-- When the oldest interaction was.
--
-- Columns
--   first_at  timestamp   null: there is none
select min(timestamp) as first_at
from user_product_interactions;
