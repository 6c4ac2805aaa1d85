-- How a migration behaves towards others, until its transaction ends. Whoever comes after a waiting `alter
-- table` waits too, readers as well, so it gives up soon and tries again later; and rows that a policy
-- would hide are an error, not absent.
set local lock_timeout = '3s';
set local row_security = off;
