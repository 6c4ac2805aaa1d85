-- Takes back 0010_source_views.up.

drop view traffic_sources;
drop view page_performance;
drop view active_sessions;
