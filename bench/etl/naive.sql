-- The yardstick of procedures_bench: process_events_batch as the analytics source sketches it, one row
-- after the other: create or update the session, extract the page or event, set the time on the page
-- before it, aggregate the session's metrics, mark the row. It fills the same tables as the shipped
-- procedure, with our indexes and none of its own; it knows nothing of late events, duplicates, unfolded
-- batches or malformed rows, and its ids are not ours.
--
-- recount: the session's metrics are aggregated anew from its rows after each event, as the source's
-- "aggregate event counts per session" reads; else they are counted on, which a careful author does.

create procedure naive_process_events_batch(batch_size integer default 1000, recount boolean default true)
language plpgsql as $$
declare
  event record;
  visit record;
  thing record;
  person bigint;
  kind text;
begin
  for event in
    select *
    from events_log
    where processed_at is null
    order by id
    limit batch_size
  loop
    if event.session_id is not null then
      select session_key, session_id into visit
      from user_sessions
      where site_id = event.site_id
        and session_id = event.session_id
      limit 1;
    else
      select session_key, session_id into visit
      from user_sessions
      where site_id = event.site_id
        and visitor_id = event.visitor_id
        and last_event_at > event.timestamp - interval '30 minutes'
      order by session_key desc
      limit 1;
    end if;
    if visit.session_key is null then
      insert into user_sessions (
        session_id, visitor_id, site_id, session_start, entry_url, entry_path, entry_title, utm_source,
        utm_medium, utm_campaign, utm_content, utm_term, referrer_type, referrer_platform,
        original_referrer, user_agent, browser_language, timezone, screen_width, screen_height,
        viewport_width, viewport_height, device_pixel_ratio, session_key, stream, last_event_at,
        browser, os, device_type, country)
      values (
        coalesce(event.session_id, '~' || event.id), event.visitor_id, event.site_id,
        event.timestamp, event.url, event.path, event.raw_event_data ->> 'title',
        event.raw_event_data ->> 'utm_source', event.raw_event_data ->> 'utm_medium',
        event.raw_event_data ->> 'utm_campaign', event.raw_event_data ->> 'utm_content',
        event.raw_event_data ->> 'utm_term', event.raw_event_data ->> 'referrer_type',
        event.raw_event_data ->> 'referrer_platform', event.raw_event_data ->> 'referrer',
        event.user_agent, event.raw_event_data ->> 'language', event.raw_event_data ->> 'timezone',
        (event.raw_event_data -> 'screen' ->> 0)::integer,
        (event.raw_event_data -> 'screen' ->> 1)::integer,
        (event.raw_event_data -> 'viewport' ->> 0)::integer,
        (event.raw_event_data -> 'viewport' ->> 1)::integer,
        (event.raw_event_data ->> 'device_pixel_ratio')::numeric, event.id, -1, event.timestamp,
        event.raw_event_data ->> 'browser', event.raw_event_data ->> 'os',
        event.raw_event_data ->> 'device_type', event.raw_event_data ->> 'country')
      returning session_key, session_id into visit;
    end if;

    if event.event_type = 'pageview' then
      update pageviews
      set time_on_page_seconds = least(extract(epoch from event.timestamp - view_timestamp), 1800)
      where id = (
          select id
          from pageviews
          where session_key = visit.session_key
          order by view_timestamp desc
          limit 1)
        and site_id = event.site_id;
      insert into pageviews (
        id, session_id, visitor_id, site_id, url, path, title, query_params, hash_fragment,
        view_timestamp, referrer, internal_referrer, utm_source, utm_medium, utm_campaign,
        utm_content, utm_term, session_key)
      values (
        event.id, visit.session_id, event.visitor_id, event.site_id, event.url, event.path,
        event.raw_event_data ->> 'title', event.raw_event_data ->> 'query_params',
        event.raw_event_data ->> 'hash_fragment', event.timestamp,
        event.raw_event_data ->> 'referrer', event.raw_event_data ->> 'referrer_type' = 'internal',
        event.raw_event_data ->> 'utm_source', event.raw_event_data ->> 'utm_medium',
        event.raw_event_data ->> 'utm_campaign', event.raw_event_data ->> 'utm_content',
        event.raw_event_data ->> 'utm_term', visit.session_key);
    else
      insert into user_events (
        id, session_id, visitor_id, site_id, event_type, event_timestamp, page_url, page_path,
        event_data, element_tag, element_classes, element_id, scroll_percentage, form_id)
      values (
        event.id, visit.session_id, event.visitor_id, event.site_id, event.event_type,
        event.timestamp, event.url, event.path, event.raw_event_data,
        event.raw_event_data -> 'element' ->> 'tag', event.raw_event_data -> 'element' ->> 'classes',
        event.raw_event_data -> 'element' ->> 'id',
        (event.raw_event_data ->> 'scroll_percentage')::integer,
        event.raw_event_data -> 'form' ->> 'id');
    end if;
    if event.event_type = 'form_submit' then
      insert into form_submissions (
        id, session_id, visitor_id, site_id, form_id, form_action, form_method, page_url, page_path,
        submit_timestamp, field_count, form_data)
      values (
        event.id, visit.session_id, event.visitor_id, event.site_id,
        event.raw_event_data -> 'form' ->> 'id', event.raw_event_data -> 'form' ->> 'action',
        event.raw_event_data -> 'form' ->> 'method', event.url, event.path, event.timestamp,
        (event.raw_event_data -> 'form' ->> 'field_count')::integer,
        event.raw_event_data -> 'form' -> 'fields');
    elsif event.event_type = 'purchase' then
      insert into orders (
        id, site_id, order_id, session_id, visitor_id, order_timestamp, revenue, currency, item_count)
      values (
        event.id, event.site_id, event.raw_event_data ->> 'order_id', visit.session_id,
        event.visitor_id, event.timestamp, (event.raw_event_data ->> 'revenue')::numeric,
        event.raw_event_data ->> 'currency', jsonb_array_length(event.raw_event_data -> 'items'));
    end if;

    kind := case event.event_type when 'product_view' then 'VIEW' when 'product_click' then 'CLICK'
      when 'cart_add' then 'CART_ADD' when 'purchase' then 'PURCHASE'
      when 'wishlist_add' then 'WISHLIST' when 'cart_remove' then 'REMOVE_CART' end;
    if kind is not null then
      person := hashtextextended(event.visitor_id, 0) & 9223372036854775807;
      insert into users (id, site_id, external_id, first_seen_at)
      values (person, event.site_id, event.visitor_id, event.timestamp)
      on conflict do nothing;
      for thing in
        select ordinality, item, hashtextextended(item ->> 'id', 0) & 9223372036854775807 as id
        from jsonb_array_elements(event.raw_event_data -> 'items') with ordinality as items (item)
      loop
        insert into product (id, site_id, external_id, name, category, price, currency, source)
        values (thing.id, event.site_id, thing.item ->> 'id', thing.item ->> 'name',
          thing.item ->> 'category', (thing.item ->> 'price')::numeric,
          event.raw_event_data ->> 'currency', 'event')
        on conflict do nothing;
        insert into user_product_interactions (
          id, user_id, product_id, interaction_type, session_id, timestamp, context, reward, site_id,
          visitor_id, item_id, quantity, price)
        values (
          event.id + thing.ordinality - 1, person, thing.id, kind, visit.session_id, event.timestamp,
          jsonb_build_object('category', thing.item ->> 'category', 'page', event.path),
          case kind when 'VIEW' then 0.1 when 'CLICK' then 0.5 when 'CART_ADD' then 2
            when 'PURCHASE' then 10 when 'WISHLIST' then 1 else -1 end,
          event.site_id, event.visitor_id, thing.item ->> 'id',
          (thing.item ->> 'quantity')::numeric, (thing.item ->> 'price')::numeric);
      end loop;
    end if;

    if recount then
      update user_sessions
      set
        last_event_at = greatest(last_event_at, event.timestamp),
        duration_seconds =
          extract(epoch from greatest(last_event_at, event.timestamp) - session_start),
        pageview_count = (
          select count(*) from pageviews where session_key = visit.session_key),
        event_count = (
          select count(*)
          from user_events
          where site_id = event.site_id
            and session_id = visit.session_id),
        bounce = (select count(*) from pageviews where session_key = visit.session_key) = 1
          and event.event_type = 'pageview',
        exit_url = event.url,
        exit_path = event.path
      where session_key = visit.session_key
        and site_id = event.site_id;
    else
      update user_sessions
      set
        last_event_at = greatest(last_event_at, event.timestamp),
        duration_seconds =
          extract(epoch from greatest(last_event_at, event.timestamp) - session_start),
        pageview_count = pageview_count + case when event.event_type = 'pageview' then 1 else 0 end,
        event_count = event_count + case when event.event_type = 'pageview' then 0 else 1 end,
        bounce = pageview_count + case when event.event_type = 'pageview' then 1 else 0 end = 1
          and event_count = 0,
        exit_url = event.url,
        exit_path = event.path
      where session_key = visit.session_key
        and site_id = event.site_id;
    end if;
    update events_log
    set processed_at = now()
    where id = event.id
      and site_id = event.site_id
      and timestamp = event.timestamp;
  end loop;
end $$;
