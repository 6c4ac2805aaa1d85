-- Takes back 0036_sdk_connection.up.

drop table sdk_connection;
