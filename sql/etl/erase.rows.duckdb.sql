-- Takes away every row of a site's visitors and users. Users, whose numbers the others need, go last,
-- and sessions after what belongs to them.
--
-- Parameters
--   $1 site_id   text
--   $2 visitors  text   ids with the unit separator (chr 31) between
--   $3 users     text   likewise
delete from pageviews_cold
where site_id = $1
  and (
    visitor_id in (select unnest(string_to_array($2, chr(31))))
    or session_key in (
      select session_key
      from user_sessions
      where site_id = $1
        and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))))
    )
  );

delete from user_events
where site_id = $1
  and (
    visitor_id in (select unnest(string_to_array($2, chr(31))))
    or session_id in (
      select session_id
      from user_sessions
      where site_id = $1
        and user_id in (select unnest(string_to_array($3, chr(31))))
    )
  );

delete from form_submissions
where site_id = $1
  and (
    visitor_id in (select unnest(string_to_array($2, chr(31))))
    or session_id in (
      select session_id
      from user_sessions
      where site_id = $1
        and user_id in (select unnest(string_to_array($3, chr(31))))
    )
  );

delete from orders
where site_id = $1
  and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))));

delete from user_product_interactions
where site_id = $1
  and (
    visitor_id in (select unnest(string_to_array($2, chr(31))))
    or user_id in (
      select id
      from users
      where site_id = $1
        and (external_id in (select unnest(string_to_array($2, chr(31)))) or external_id in (select unnest(string_to_array($3, chr(31)))))
    )
  );

delete from recommendations
where website_id = cast(cast($1 as varchar) as uuid)
  and (
    user_id in (select unnest(string_to_array($2, chr(31))))
    or user_id in (select unnest(string_to_array($3, chr(31))))
    or person_id in (
      select id
      from users
      where site_id = $1
        and (external_id in (select unnest(string_to_array($2, chr(31)))) or external_id in (select unnest(string_to_array($3, chr(31)))))
    )
  );

delete from recommendation_clicks
where person_id in (
      select id
      from users
      where site_id = $1
        and (external_id in (select unnest(string_to_array($2, chr(31)))) or external_id in (select unnest(string_to_array($3, chr(31)))))
    );

delete from recommendation_purchases
where person_id in (
      select id
      from users
      where site_id = $1
        and (external_id in (select unnest(string_to_array($2, chr(31)))) or external_id in (select unnest(string_to_array($3, chr(31)))))
    );

delete from events_log
where site_id = $1
  and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))));

delete from hot_pages
where session_key in (
      select session_key
      from user_sessions
      where site_id = $1
        and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))))
    );

delete from user_sessions_cold
where site_id = $1
  and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))));

delete from hot_sessions
where session_key in (
      select session_key
      from user_sessions
      where site_id = $1
        and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))))
    );

delete from hot_leads
where session_key not in (
  select session_key
  from hot_sessions
);

delete from user_profiles
where website_id = cast(cast($1 as varchar) as uuid)
  and (user_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))));

delete from user_context_features
where site_id = $1
  and user_id in (
    select id
    from users
    where site_id = $1
      and (external_id in (select unnest(string_to_array($2, chr(31)))) or external_id in (select unnest(string_to_array($3, chr(31)))))
  );

delete from users
where site_id = $1
  and (external_id in (select unnest(string_to_array($2, chr(31)))) or external_id in (select unnest(string_to_array($3, chr(31)))));

-- Pages and searches in other edges may be theirs alone; the refresh that follows makes the rest anew.
delete from graph_edges
where site_id = $1;
