-- Takes back 0021_placements.up.

drop table placement_rule;

drop table placement;
