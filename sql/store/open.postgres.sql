-- Run once on each connection: the forms in which values are read back, and a bound on what is left open.
set timezone = 'UTC';
set datestyle = 'ISO, YMD';
set intervalstyle = 'postgres';
set extra_float_digits = 1;
set client_min_messages = warning;
set lock_timeout = '30s';
set idle_in_transaction_session_timeout = '10min';
