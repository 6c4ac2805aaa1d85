-- Nothing to do on PostgreSQL: its rows are compressed by the server (TOAST).
select 1;
