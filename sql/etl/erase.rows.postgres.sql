-- Takes away every row of a site's visitors and users. Users, whose numbers the others need, go last,
-- and sessions after what belongs to them. Profiles of users that the visitors were go too: what is left of
-- such a user is computed anew by the next sweep.
--
-- Parameters
--   $1 site_id   text
--   $2 visitors  text   ids with the unit separator (chr 31) between
--   $3 users     text   likewise
delete from etl_dirty_people
where site_id = $1
  and person in (
    select user_id
    from user_sessions
    where site_id = $1
      and visitor_id in (select unnest(string_to_array($2, chr(31))))
  );

delete from user_profiles
where website_id = cast(cast($1 as varchar) as uuid)
  and user_id in (
    select user_id
    from user_sessions
    where site_id = $1
      and visitor_id in (select unnest(string_to_array($2, chr(31))))
  );

delete from user_context_features
where site_id = $1
  and user_id in (
    select id
    from users
    where site_id = $1
      and external_id in (
        select user_id
        from user_sessions
        where site_id = $1
          and visitor_id in (select unnest(string_to_array($2, chr(31))))
      )
  );

delete from pageviews
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

delete from test_unit_metric
where site_id = $1
  and unit_id in (
    select unit_id
    from test_exposure
    where site_id = $1
      and (
        visitor_id in (select unnest(string_to_array($2, chr(31))))
        or visitor_id in (select unnest(string_to_array($3, chr(31))))
      )
  );

delete from test_unit
where site_id = $1
  and unit_id in (
    select unit_id
    from test_exposure
    where site_id = $1
      and (
        visitor_id in (select unnest(string_to_array($2, chr(31))))
        or visitor_id in (select unnest(string_to_array($3, chr(31))))
      )
  );

-- Sums that held them are made anew by the next refresh.
delete from test_refresh
where site_id = $1
  and test_id in (
    select id
    from ab_tests
    where ab_tests.site_id = $1
      and status in ('Active', 'Paused')
  );

delete from test_exposure
where site_id = $1
  and (
    visitor_id in (select unnest(string_to_array($2, chr(31))))
    or visitor_id in (select unnest(string_to_array($3, chr(31))))
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

delete from user_sessions
where site_id = $1
  and (visitor_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))));

delete from etl_dirty_people
where site_id = $1
  and (person in (select unnest(string_to_array($2, chr(31)))) or person in (select unnest(string_to_array($3, chr(31)))));

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

-- A list that conditions of flags name is nobody's row, but their ids go out of it.
update saved_group
set
  members = (
    select
      coalesce(json_agg(member order by place), '[]')
    from json_array_elements(members) with ordinality as listed (member, place)
    where member #>> '{}' not in (select unnest(string_to_array($2, chr(31))))
      and member #>> '{}' not in (select unnest(string_to_array($3, chr(31))))
  ),
  version = version + 1
where site_id = $1
  and exists (
    select
      member
    from json_array_elements_text(members) as listed (member)
    where member in (select unnest(string_to_array($2, chr(31))))
      or member in (select unnest(string_to_array($3, chr(31))))
  );

delete from gorse_user
where site_id = $1
  and (user_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))));

delete from gorse_feedback
where site_id = $1
  and (user_id in (select unnest(string_to_array($2, chr(31)))) or user_id in (select unnest(string_to_array($3, chr(31)))));

delete from users
where site_id = $1
  and (external_id in (select unnest(string_to_array($2, chr(31)))) or external_id in (select unnest(string_to_array($3, chr(31)))));

-- Pages and searches in other edges may be theirs alone; the refresh that follows makes the rest anew.
delete from graph_edges
where site_id = $1;
