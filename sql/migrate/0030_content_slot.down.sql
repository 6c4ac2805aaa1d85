-- Takes back 0030_content_slot.up.

drop table content_slot;
