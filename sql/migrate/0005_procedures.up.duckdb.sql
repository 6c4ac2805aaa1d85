-- Nothing: this engine has no procedures. `attune etl` does here what they do on PostgreSQL.

select 1;
