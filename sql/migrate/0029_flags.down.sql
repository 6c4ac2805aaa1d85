-- Takes back 0029_flags.up.

drop table feature_flag;
