-- For the transaction that is open: joins by hashing. A refresh joins rows that it has just written, of
-- which the planner knows nothing, and what it takes for one row may be millions.
set local enable_nestloop = off;
