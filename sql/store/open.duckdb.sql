-- Run once when the database is opened. Afterwards no statement can reach files or the network, or
-- change a setting.
set global TimeZone = 'UTC';
set global enable_external_access = false;
set global lock_configuration = true;
