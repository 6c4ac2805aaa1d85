-- Takes back 0005_procedures.up, which did nothing.

select 1;
