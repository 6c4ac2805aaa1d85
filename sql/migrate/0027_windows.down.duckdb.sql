-- Takes back 0027_windows.up.

alter table recommendation_clicks drop column credited_until;

drop table site_windows;
