-- The procedures learn of content slots (docs/etl.md, section 9): an item "content:TEMPLATE" is a text
-- that was shown, no product, so it makes neither an interaction nor a row of product. Who clicked it
-- is a person all the same.

create or replace procedure etl_write_interactions()
language plpgsql
set enable_nestloop = off
set enable_mergejoin = off
as $$
begin
  insert into etl_interactions (
    position, index, session_id, site_id, visitor_id, user_id, at, received, interaction_type, reward,
    site, item_id, name, category, brand, quantity, price, currency, device_type, path, shop,
    decision_id)
  select
    event.position, thing.index, counted.session_id, event.site_id, event.visitor_id, event.user_id,
    event.at, event.received, done.interaction_type,
    case when abs(etl_number(site.rewards, lower(done.interaction_type))) < 99999999
      then round(etl_number(site.rewards, lower(done.interaction_type)), 2) else done.reward end,
    event.site, thing.item_id,
    coalesce(etl_text(thing.item, 'name', 255), etl_text(thing.item, 'item_name', 255)),
    coalesce(etl_text(thing.item, 'category', 255), etl_text(thing.item, 'item_category', 255)),
    coalesce(etl_text(thing.item, 'brand', 100), etl_text(thing.item, 'item_brand', 100)),
    round(least(greatest(coalesce(etl_number(thing.item, 'quantity'), 1), -100000000), 100000000), 3),
    case when etl_number(thing.item, 'price') >= 0
      then round(least(etl_number(thing.item, 'price'), 900000000000000), 4) end,
    case when etl_number(thing.item, 'price') >= 0 then coalesce(
      upper(etl_text(event.document, 'currency', 3)),
      case when not event.is_journal then site.currency end) end,
    case when event.document ->> 'device_type' in ('desktop', 'mobile', 'tablet', 'bot')
      then event.document ->> 'device_type' end,
    event.path, etl_shop_context(event.document), etl_uuid(event.document, 'decision_id')
  from etl_batch as event
  inner join (values
    ('pageview', 'VIEW', 0.1),
    ('product_view', 'VIEW', 0.1),
    ('product_click', 'CLICK', 0.5),
    ('recommendation_click', 'CLICK', 0.5),
    ('cart_add', 'CART_ADD', 2),
    ('purchase', 'PURCHASE', 10),
    ('wishlist_add', 'WISHLIST', 1),
    ('cart_remove', 'REMOVE_CART', -1),
    ('wishlist_remove', 'REMOVE_WISHLIST', -0.5)
  ) as done (kind, interaction_type, reward) on done.kind = event.kind
  inner join etl_counted as counted on counted.position = event.position
  inner join etl_sites as site on site.number = event.site
  cross join lateral etl_items(event.document) as thing
  where event.document ?| '{items,wc_product_id}'
    and (event.kind <> 'pageview' or (select count(*) from etl_items(event.document)) = 1);

  insert into users (id, site_id, external_id, is_known, first_seen_at, created_at)
  select etl_stable_id(person.external_id, site.seed), person.site_id, person.external_id,
    person.is_known, person.at, person.received
  from (
    select distinct on (site_id, external_id) *
    from (
      select site, site_id, user_id as external_id, true as is_known, at, received, position
      from etl_batch
      where counted_as = 'counted'
        and user_id is not null
      union all
      select site, site_id, visitor_id, false, at, received, position
      from etl_interactions
      where user_id is null
    ) as mention
    order by site_id, external_id, position
  ) as person
  inner join etl_sites as site on site.number = person.site
  where (
    select true
    from users as known
    where known.site_id || '' = person.site_id
      and known.external_id = person.external_id
    limit 1
  ) is null
  on conflict do nothing;

  insert into product (
    id, site_id, external_id, name, category, brand, price, currency, source, created_at,
    updated_at)
  select etl_stable_id(first.item_id, site.seed), first.site_id, first.item_id, first.name,
    first.category, first.brand, first.price, first.currency, 'event', first.received,
    first.received
  from (
    select distinct on (site_id, item_id) *
    from etl_interactions
    where not starts_with(item_id, 'content:')
    order by site_id, item_id, position, index
  ) as first
  inner join etl_sites as site on site.number = first.site
  where (
    select true
    from product as known
    where known.site_id || '' = first.site_id
      and known.external_id = first.item_id
    limit 1
  ) is null
  on conflict do nothing;

  insert into user_product_interactions (
    id, user_id, product_id, interaction_type, session_id, timestamp, context, reward, site_id,
    visitor_id, item_id, quantity, price, decision_id)
  select
    done.position + done.index, person.id, thing.id, done.interaction_type, done.session_id, done.at,
    nullif(jsonb_strip_nulls(jsonb_build_object('category', done.category, 'brand', done.brand,
      'device_type', done.device_type, 'page', done.path)) || done.shop, '{}'),
    done.reward, done.site_id, done.visitor_id, done.item_id, done.quantity, done.price,
    done.decision_id
  from etl_interactions as done
  cross join lateral (
    select known.id
    from users as known
    where known.site_id || '' = done.site_id
      and known.external_id = coalesce(done.user_id, done.visitor_id)
    limit 1
  ) as person
  cross join lateral (
    select known.id
    from product as known
    where known.site_id || '' = done.site_id
      and known.external_id = done.item_id
    limit 1
  ) as thing
  where not starts_with(done.item_id, 'content:')
  on conflict do nothing;
end $$;
