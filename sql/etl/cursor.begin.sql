-- The cursor of a database that has read nothing yet.
insert into etl_cursor (name, position, tick_ms, arrival_ms, names_from)
values ('etl', 0, -9223372036854775808, 0, 0);
