-- Takes back 0035_saved_group.up.

drop table saved_group;
