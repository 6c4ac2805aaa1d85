-- The second ETL: the procedures of the analytics source, for rows of events_log that did not come
-- through a server of ours. docs/etl.md, section 16, says what they read and how they place it; what
-- the rows say is sections 4 to 11, as for the C++ ETL. A batch is worked off by statements over sets;
-- only visitors whose sessions depend on the order of single events go through a loop.

-- Ids of rows that others insert: above every position of a journal, and far enough apart that the
-- events of a batch and the items of an event have numbers of their own.
alter sequence events_log_id_sequence increment by 1048576 restart with 4611686018427387904;

create index idx_events_log_unprocessed on events_log (id) where processed_at is null;
create index idx_users_external on users (external_id, site_id);
create index idx_product_external on product (external_id, site_id);
create index idx_user_sessions_open_by_hand on user_sessions (site_id, last_event_at)
  where session_end is null and stream < 0;

-- The greatest time of an event, of each (site, stream) whose rows the procedures worked off.
create table etl_procedure_worlds (
  site_id varchar(100) not null,
  stream integer not null,
  watermark timestamptz not null,
  primary key (site_id, stream)
);

-- Which session a client's session id means now.
create table etl_procedure_names (
  site_id varchar(100) not null,
  stream integer not null,
  client_id varchar(100) not null,
  session_key bigint not null,
  primary key (site_id, stream, client_id)
);

-- Event ids of clients, by the hour of arrival, for a day.
create table etl_procedure_event_ids (
  site_id varchar(100) not null,
  event_id uuid not null,
  hour bigint not null,
  primary key (site_id, event_id)
);

-- How the rows worked off were counted (docs/etl.md, section 2), and the greatest time of arrival.
create table etl_procedure_counts (
  counted_as varchar(20) primary key,
  events bigint not null
);
create table etl_procedure_arrival (
  arrival timestamptz not null
);

-- Rows that could not be used, and why; they stay in events_log, marked as processed.
create table etl_skipped_events (
  id bigint not null,
  site_id varchar(100) not null,
  reason varchar(20) not null,
  skipped_at timestamptz not null
);

-- ---- ids: base/hash.h in SQL. Numbers are unsigned 64 bits in a bigint, by two's complement.

create function etl_unsigned(value bigint) returns numeric
language sql immutable strict parallel safe as $$
  select case when value < 0 then value + 18446744073709551616 else value::numeric end
$$;

create function etl_wrapped(value numeric) returns bigint
language plpgsql immutable strict parallel safe as $$
begin
  value := mod(value, 18446744073709551616);
  if value >= 9223372036854775808 then
    return value - 18446744073709551616;
  elsif value < -9223372036854775808 then
    return value + 18446744073709551616;
  end if;
  return value;
end $$;

-- Both halves of the 128-bit product, combined.
create function etl_folded(a bigint, b bigint) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
  product constant numeric := etl_unsigned(a) * etl_unsigned(b);
  high constant numeric := div(product, 18446744073709551616);
begin
  return etl_wrapped(high) # etl_wrapped(product - high * 18446744073709551616);
end $$;

create function etl_read64(bytes bytea, at integer) returns bigint
language sql immutable strict parallel safe as $$
  select get_byte(bytes, at)::bigint
    | (get_byte(bytes, at + 1)::bigint << 8)
    | (get_byte(bytes, at + 2)::bigint << 16)
    | (get_byte(bytes, at + 3)::bigint << 24)
    | (get_byte(bytes, at + 4)::bigint << 32)
    | (get_byte(bytes, at + 5)::bigint << 40)
    | (get_byte(bytes, at + 6)::bigint << 48)
    | (get_byte(bytes, at + 7)::bigint << 56)
$$;

create function etl_read32(bytes bytea, at integer) returns bigint
language sql immutable strict parallel safe as $$
  select get_byte(bytes, at)::bigint
    | (get_byte(bytes, at + 1)::bigint << 8)
    | (get_byte(bytes, at + 2)::bigint << 16)
    | (get_byte(bytes, at + 3)::bigint << 24)
$$;

create function etl_swapped64(value bigint) returns bigint
language sql immutable strict parallel safe as $$
  select etl_read64(int8send(value), 0)
$$;

create function etl_secret() returns bytea
language sql immutable parallel safe as $$
  select decode(
    'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f'
    'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c'
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8'
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364'
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e'
    '2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e', 'hex')
$$;

create function etl_mixed(bytes bytea, at integer, secret bytea, secret_at integer, seed bigint)
returns bigint
language plpgsql immutable strict parallel safe as $$
begin
  return etl_folded(
    etl_read64(bytes, at)
      # etl_wrapped(etl_unsigned(etl_read64(secret, secret_at)) + etl_unsigned(seed)),
    etl_read64(bytes, at + 8)
      # etl_wrapped(etl_unsigned(etl_read64(secret, secret_at + 8)) - etl_unsigned(seed)));
end $$;

create function etl_avalanche(value bigint) returns bigint
language plpgsql immutable strict parallel safe as $$
begin
  value := value # ((value >> 37) & 134217727);
  value := etl_wrapped(etl_unsigned(value) * 1609587791953885689);
  return value # ((value >> 32) & 4294967295);
end $$;

-- More than 240 bytes, at most 1024: eight sums over the text, 64 bytes at a time.
create function etl_hash64_long(bytes bytea, seed bigint) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
  size constant integer := length(bytes);
  stripes constant integer := (size - 1) / 64;
  secret bytea := etl_secret();
  sums bigint[] := array[
    3266489917, -7046029288634856825, -4417276706812531889, 1609587929392839161,
    -8796714831421723037, 2246822519, 2870177450012600261, 2654435761];
  data bigint;
  keyed bigint;
  total numeric;
  word bigint;
begin
  for at in 0 .. 11 loop
    for half in 0 .. 1 loop
      word := etl_wrapped(etl_unsigned(etl_read64(etl_secret(), 16 * at + 8 * half))
        + case half when 0 then etl_unsigned(seed) else -etl_unsigned(seed) end);
      for byte in 0 .. 7 loop
        secret := set_byte(secret, 16 * at + 8 * half + byte,
                           ((word >> (8 * byte)) & 255)::integer);
      end loop;
    end loop;
  end loop;
  for stripe in 0 .. stripes loop
    for lane in 0 .. 7 loop
      if stripe < stripes then
        data := etl_read64(bytes, 64 * stripe + 8 * lane);
        keyed := data # etl_read64(secret, 8 * stripe + 8 * lane);
      else   -- the last 64 bytes, wherever they begin
        data := etl_read64(bytes, size - 64 + 8 * lane);
        keyed := data # etl_read64(secret, 121 + 8 * lane);
      end if;
      sums[1 + (lane # 1)] :=
        etl_wrapped(etl_unsigned(sums[1 + (lane # 1)]) + etl_unsigned(data));
      sums[1 + lane] := etl_wrapped(etl_unsigned(sums[1 + lane])
        + (keyed & 4294967295)::numeric * ((keyed >> 32) & 4294967295)::numeric);
    end loop;
  end loop;
  total := size * 11400714785074694791;
  for pair in 0 .. 3 loop
    total := total + etl_unsigned(etl_folded(
      sums[1 + 2 * pair] # etl_read64(secret, 11 + 16 * pair),
      sums[2 + 2 * pair] # etl_read64(secret, 19 + 16 * pair)));
  end loop;
  return etl_avalanche(etl_wrapped(total));
end $$;

create function etl_hash64_short(bytes bytea, seed bigint) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
  size constant integer := length(bytes);
  low bigint;
  high bigint;
  value bigint;
begin
  if size > 8 then
    low := etl_read64(bytes, 0)
      # etl_wrapped(etl_unsigned(7458650908927343033) + etl_unsigned(seed));
    high := etl_read64(bytes, size - 8)
      # etl_wrapped(etl_unsigned(-5812251307325107654) - etl_unsigned(seed));
    return etl_avalanche(etl_wrapped(size + etl_unsigned(etl_swapped64(low)) + etl_unsigned(high)
      + etl_unsigned(etl_folded(low, high))));
  elsif size >= 4 then
    -- The lower half of the seed, its bytes swapped, in the upper half.
    seed := seed # (etl_swapped64(seed) & -4294967296);
    value := (etl_read32(bytes, size - 4) | (etl_read32(bytes, 0) << 32))
      # etl_wrapped(etl_unsigned(-4090762196417718878) - etl_unsigned(seed));
    value := value # ((value << 49) | ((value >> 15) & 562949953421311))
      # ((value << 24) | ((value >> 40) & 16777215));
    value := etl_wrapped(etl_unsigned(value) * 11507291218515648293);
    value := value # (((value >> 35) & 536870911) + size);
    value := etl_wrapped(etl_unsigned(value) * 11507291218515648293);
    return value # ((value >> 28) & 68719476735);
  elsif size > 0 then
    value := ((get_byte(bytes, 0)::bigint << 16) | (get_byte(bytes, size / 2)::bigint << 24)
        | get_byte(bytes, size - 1)::bigint | (size::bigint << 8))
      # etl_wrapped(2267503259 + etl_unsigned(seed));
  else
    value := seed # etl_read64(etl_secret(), 56) # etl_read64(etl_secret(), 64);
  end if;
  value := value # ((value >> 33) & 2147483647);
  value := etl_wrapped(etl_unsigned(value) * 14029467366897019727);
  value := value # ((value >> 29) & 34359738367);
  value := etl_wrapped(etl_unsigned(value) * 1609587929392839161);
  return value # ((value >> 32) & 4294967295);
end $$;

-- XXH3 of a text, 64 bits.
create function etl_hash64(value text, seed bigint) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
  bytes constant bytea := convert_to(value, 'UTF8');
  size constant integer := length(bytes);
  secret constant bytea := etl_secret();
  total numeric := size * 11400714785074694791;
begin
  if size > 1024 then
    raise exception 'an id of % bytes: at most 1024 can be hashed', size;
  elsif size > 240 then
    return etl_hash64_long(bytes, seed);
  elsif size <= 16 then
    return etl_hash64_short(bytes, seed);
  elsif size <= 128 then
    for at in 0 .. (size - 1) / 32 loop
      total := total + etl_unsigned(etl_mixed(bytes, 16 * at, secret, 32 * at, seed))
        + etl_unsigned(etl_mixed(bytes, size - 16 - 16 * at, secret, 32 * at + 16, seed));
    end loop;
    return etl_avalanche(etl_wrapped(total));
  end if;
  for at in 0 .. 7 loop
    total := total + etl_unsigned(etl_mixed(bytes, 16 * at, secret, 16 * at, seed));
  end loop;
  total := etl_unsigned(etl_avalanche(etl_wrapped(total)));
  for at in 8 .. size / 16 - 1 loop
    total := total + etl_unsigned(etl_mixed(bytes, 16 * at, secret, 16 * (at - 8) + 3, seed));
  end loop;
  return etl_avalanche(etl_wrapped(
    total + etl_unsigned(etl_mixed(bytes, size - 16, secret, 119, seed))));
end $$;

-- users.id and product.id of a site whose own hash is the seed.
create function etl_stable_id(external_id text, site_seed bigint) returns bigint
language sql immutable strict parallel safe as $$
  select coalesce(nullif((etl_hash64(external_id, site_seed) >> 1) & 9223372036854775807, 0), 1)
$$;

-- ---- values of a document, where they are of a type that can be used; else null

create function etl_text(document jsonb, member text, characters integer) returns text
language sql immutable parallel safe as $$
  select case when jsonb_typeof(document -> member) in ('string', 'number')
    then nullif(left(document ->> member, characters), '') end
$$;

create function etl_number(document jsonb, member text) returns numeric
language sql immutable parallel safe as $$
  select case
    when jsonb_typeof(document -> member) = 'number' then (document ->> member)::numeric
    when document ->> member ~ '^-?[0-9]{1,15}([.][0-9]{1,9})?$' then (document ->> member)::numeric
  end
$$;

create function etl_whole(document jsonb, member text, least_value integer, greatest_value integer)
returns integer
language sql immutable parallel safe as $$
  select case when etl_number(document, member) between least_value and greatest_value
    then round(etl_number(document, member))::integer end
$$;

-- Width (0) or height (1) of "1920x1080" or [1920, 1080].
create function etl_size(document jsonb, member text, side integer) returns integer
language sql immutable parallel safe as $$
  select case
    when jsonb_typeof(document -> member) = 'array'
      and document -> member ->> side ~ '^[0-9]{1,6}$'
      then nullif(least((document -> member ->> side)::integer, 100000), 0)
    when document ->> member ~ '^[0-9]{1,6}x[0-9]{1,6}$'
      then nullif(least(split_part(document ->> member, 'x', side + 1)::integer, 100000), 0)
  end
$$;

create function etl_uuid(document jsonb, member text) returns uuid
language sql immutable parallel safe as $$
  select case when document ->> member ~*
    '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
    then nullif((document ->> member)::uuid, '00000000-0000-0000-0000-000000000000') end
$$;

-- A time in ISO 8601 or in milliseconds; null: it is neither.
create function etl_time(value jsonb) returns timestamptz
language plpgsql stable parallel safe as $$
begin
  if jsonb_typeof(value) = 'number' then
    return to_timestamp((value #>> '{}')::numeric / 1000);
  elsif jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]' then
    return (value #>> '{}')::timestamptz;
  end if;
  return null;
exception
  when data_exception then return null;
end $$;

-- Items of an event, those with an id; `index` counts from 0.
create function etl_items(document jsonb) returns table (index integer, item jsonb, item_id text)
language sql immutable parallel safe as $$
  select (listed.ordinality - 1)::integer, listed.item,
    coalesce(etl_text(listed.item, 'id', 255), etl_text(listed.item, 'item_id', 255),
      etl_text(listed.item, 'product_id', 255))
  from jsonb_array_elements(case
    when jsonb_typeof(document -> 'items') = 'array' and document -> 'items' <> '[]'
      then document -> 'items'
    when etl_text(document, 'wc_product_id', 255) is not null then jsonb_build_array(
      jsonb_build_object('id', document -> 'wc_product_id', 'category',
        document -> 'wc_category_id'))
    else '[]' end) with ordinality as listed (item, ordinality)
  where listed.ordinality <= 1000
    and coalesce(etl_text(listed.item, 'id', 255), etl_text(listed.item, 'item_id', 255),
      etl_text(listed.item, 'product_id', 255)) is not null
$$;

-- A document with the fields of a shop that its custom data names, where it has none of its own
-- (docs/formats/events.md, section 3); a category is that of the product named beside it. A purchase
-- is worth its items when nothing else is said.
create function etl_with_shop_fields(document jsonb, kind text) returns jsonb
language sql immutable parallel safe as $$
  select read.document || case when kind = 'purchase'
    and etl_number(read.document, 'revenue') is null
    and etl_number(read.document, 'wc_revenue') is null then coalesce((
      select jsonb_build_object('revenue', round(sum(
        etl_number(item, 'price') * coalesce(etl_number(item, 'quantity'), 1)), 4))
      from etl_items(read.document)
      where etl_number(item, 'price') >= 0
      having count(*) > 0
    ), '{}') else '{}' end
  from (
    select case when jsonb_typeof(document -> 'data') = 'object' then coalesce((
      select jsonb_object_agg(key, value)
      from jsonb_each(document -> 'data')
      where key in ('wc_product_id', 'wc_category_id', 'wc_order_id', 'wc_checkout_step',
          'wc_cart_value', 'wc_revenue', 'scroll_depth', 'time_on_page')
        and value <> 'null'
        and (key <> 'wc_category_id' or not document ? 'wc_product_id')
    ), '{}') else '{}' end || document as document
  ) as read
$$;

-- What an event says of the cart or order that its items are in.
create function etl_shop_context(document jsonb) returns jsonb
language sql immutable parallel safe as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'order_id', coalesce(etl_text(document, 'order_id', 100), etl_text(document, 'wc_order_id', 100)),
    'revenue', nullif(coalesce(etl_number(document, 'revenue'), etl_number(document, 'wc_revenue')), 0),
    'cart_value', coalesce(etl_number(document, 'cart_value'), etl_number(document, 'wc_cart_value')),
    'checkout_step', coalesce(etl_text(document, 'checkout_step', 50),
      etl_text(document, 'wc_checkout_step', 50))))
$$;

-- How a visit began: as the collector said; else by tags and referrer.
create function etl_referrer_type(document jsonb, domain text) returns text
language sql immutable parallel safe as $$
  select case
    when document ->> 'referrer_type' in ('direct', 'search', 'social', 'email', 'paid', 'ai',
      'referral', 'internal') then document ->> 'referrer_type'
    when document ->> 'utm_medium' ~* ('^(cp[aclmptv]|ppc|paid.*|retargeting|remarketing|display|'
      || 'banner|affiliate)$') then 'paid'
    when document ->> 'utm_medium' ~* '^(e-?mail|newsletter)$'
      or document ->> 'utm_source' ~* '^(e-?mail|newsletter)$' then 'email'
    when document ->> 'utm_medium' ~* '^(social|social-media|sm|social-network)$' then 'social'
    when document ->> 'utm_medium' ~* '^organic$' then 'search'
    when etl_text(document, 'utm_source', 100) is not null then 'referral'
    when coalesce(document ->> 'referrer' !~* '^https?://', true) then 'direct'
    when lower(substring(document ->> 'referrer' from '^[^:]+://(?:www[.])?([^/:?#]+)')) = domain
      or lower(substring(document ->> 'referrer' from '^[^:]+://([^/:?#]+)')) like '%.' || domain
      then 'internal'
    when document ->> 'referrer' ~* ('^https?://([^/:?#]+[.])?(google|bing|duckduckgo|yahoo|ecosia|'
      || 'baidu|yandex|startpage)[.][a-z.]+([/:?#]|$)') then 'search'
    when document ->> 'referrer' ~* ('^https?://([^/:?#]+[.])?(facebook|instagram|linkedin|reddit|'
      || 'pinterest|tiktok|twitter|x|youtube)[.]com([/:?#]|$)') then 'social'
    else 'referral'
  end
$$;

-- Values of a form, those with telling names redacted, as the collector does it by name.
create function etl_redacted(fields jsonb) returns jsonb
language sql immutable parallel safe as $$
  select jsonb_object_agg(key, case
    when regexp_replace(key, '([a-z])([A-Z])', '\1 \2', 'g') ~* ('(^|[^a-z0-9])(password|passwd|'
      || 'passwort|kennwort|motdepasse|pwd|pass|passphrase|passcode|pin|otp|tan|cvv|cvv2|cvc|cvc2|'
      || 'csc|ssn|iban|secret|token|auth|authorization|credential|credentials|jwt|bearer|'
      || 'card ?number|credit ?card)([^a-z0-9]|$)') then '"[redacted]"'::jsonb
    when value #>> '{}' ~ '^[0-9]{3}-[0-9]{2}-[0-9]{4}$|^([0-9][ -]?){13,19}$'
      then '"[redacted]"'::jsonb
    else value end)
  from jsonb_each(case when jsonb_typeof(fields) = 'object' then fields end)
$$;

create function etl_base32(value bigint) returns text
language plpgsql immutable strict parallel safe as $$
declare
  digits text := '';
begin
  loop
    digits := substr('0123456789abcdefghijklmnopqrstuv', (value & 31)::integer + 1, 1) || digits;
    value := value >> 5;
    exit when value = 0;
  end loop;
  return digits;
end $$;

-- A zone PostgreSQL knows.
create function etl_zone(name text) returns text
language plpgsql stable parallel safe as $$
begin
  perform now() at time zone name;
  return coalesce(name, 'UTC');
exception
  when invalid_parameter_value then return 'UTC';
end $$;

-- ---- a batch

-- Work tables, of a connection; their rows go with the transaction.
create procedure etl_create_work_tables()
language plpgsql as $$
begin
  create temporary table etl_rows (
    id bigint not null,
    site_id varchar(100) not null,
    timestamp timestamptz not null
  ) on commit delete rows;
  create temporary table etl_batch (
    position bigint not null,
    row_id bigint not null,
    is_row boolean not null,           -- the event is the row, not one of its list
    is_journal boolean not null,
    site integer not null,             -- number in etl_sites
    site_id varchar(100) not null,
    stream integer not null,
    at timestamptz,
    received timestamptz not null,
    kind text not null,
    event_type varchar(50) not null,
    client_id text,
    visitor_id text,
    user_id text,
    url text,
    path text,
    user_agent text,
    document jsonb not null,
    client_event_id uuid,
    counted_as text not null,
    reach timestamptz not null default '-infinity'
  ) on commit delete rows;
  create temporary table etl_sites (
    number integer not null,
    site_id varchar(100) not null,
    seed bigint not null,
    domain text,
    currency text,
    rewards jsonb
  ) on commit delete rows;
  create temporary table etl_visitors (
    site_id varchar(100) not null,
    stream integer not null,
    visitor_id text not null,
    is_simple boolean not null,
    session_key bigint,
    last_at timestamptz
  ) on commit delete rows;
  create temporary table etl_clients (
    site_id varchar(100) not null,
    stream integer not null,
    client_id text not null,
    is_simple boolean not null,
    session_key bigint,
    visitor_id text,                   -- of that session
    last_at timestamptz
  ) on commit delete rows;
  create temporary table etl_placed (
    position bigint not null,
    site_id varchar(100) not null,
    session_key bigint not null,
    begins boolean not null
  ) on commit delete rows;
  create temporary table etl_open (
    site_id varchar(100) not null,
    stream integer not null,
    session_key bigint not null,
    client_id text,
    visitor_id text not null,
    first_at timestamptz not null,
    last_at timestamptz not null
  ) on commit delete rows;
  create temporary table etl_visits (
    number integer not null,
    site_id varchar(100) not null,
    session_key bigint not null,
    stream integer not null,
    session_id text not null,
    visitor_id text not null,
    client_id text,
    begun boolean not null
  ) on commit delete rows;
  create temporary table etl_counted (
    position bigint not null,
    visit integer not null,            -- number in etl_visits
    session_id text not null
  ) on commit delete rows;
  create temporary table etl_held (
    like user_sessions,
    visit integer not null
  ) on commit delete rows;
  create temporary table etl_changes (
    like user_sessions,
    visit integer not null,
    begun boolean not null,
    leads boolean not null default false
  ) on commit delete rows;
  create temporary table etl_pages (
    position bigint not null,
    site_id varchar(100) not null,
    at timestamptz not null,
    seconds integer,
    is_new boolean not null
  ) on commit delete rows;
  create temporary table etl_arrivals (
    position bigint not null,
    site_id varchar(100) not null,
    event_id uuid,
    hour bigint not null,
    is_doubtful boolean not null
  ) on commit delete rows;
  create temporary table etl_interactions (
    position bigint not null,
    index integer not null,
    session_id text not null,
    site_id varchar(100) not null,
    visitor_id text not null,
    user_id text,
    at timestamptz not null,
    received timestamptz not null,
    interaction_type varchar(50) not null,
    reward numeric not null,
    site integer not null,
    item_id text not null,
    name text,
    category text,
    brand text,
    quantity numeric not null,
    price numeric,
    currency text,
    device_type text,
    path text,
    shop jsonb not null,               -- of the event, not of the item alone
    decision_id uuid
  ) on commit delete rows;
  create index etl_open_visitor on etl_open (visitor_id, site_id, stream);
  create index etl_open_client on etl_open (client_id, site_id, stream);
end $$;

-- One caller at a time: a session's events may lie in two batches.
--
-- How statements are planned must not depend on what is known of the tables: the work tables are never
-- analysed and have no keys (either would plan every statement anew each time), and a backlog is worked
-- off long before the engine looks at the tables it fills. So work tables are joined to each other by hashing, and a row
-- of another table is looked up by its index for each row of a work table: `lateral` with a limit, or a
-- procedure that may do nothing else. The settings at the procedures say so. `site_id || ''` keeps an
-- index that begins with the site from being taken where one that begins with the row's key is meant.
create procedure etl_begin()
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('attune etl procedures', 0));
  if to_regclass('pg_temp.etl_rows') is null then
    call etl_create_work_tables();
  end if;
  if exists (select from etl_rows) then   -- an earlier batch of this transaction
    truncate etl_rows, etl_batch, etl_sites, etl_visitors, etl_clients, etl_placed, etl_open,
      etl_visits, etl_counted, etl_held, etl_changes, etl_pages, etl_interactions, etl_arrivals;
  end if;
end $$;

-- The next rows, the events of lists one by one.
create procedure etl_read(batch_size integer)
language plpgsql
set enable_nestloop = off
set enable_mergejoin = off
as $$
declare
  first_id bigint;
  last_id bigint;
begin
  insert into etl_rows (id, site_id, timestamp)
  select distinct on (id) id, site_id, timestamp   -- another row of an id waits for the next batch
  from (
    select id, site_id, timestamp
    from events_log
    where processed_at is null
    order by id
    limit batch_size
  ) as next
  order by id;
  select min(id), max(id) into first_id, last_id from etl_rows;

  insert into etl_sites (number, site_id, seed, domain, currency, rewards)
  select
    row_number() over (),
    sites.site_id,
    etl_hash64(sites.site_id, 0),
    lower(website.domain),
    website.currency,
    website.rewards
  from (select distinct site_id from etl_rows) as sites
  left join website on website.site_id = sites.site_id;

  insert into etl_batch (
    position, row_id, is_row, is_journal, site, site_id, stream, at, received, kind, event_type,
    client_id, visitor_id, user_id, url, path, user_agent, document, client_event_id, counted_as)
  select distinct on (read.position)
    read.position, read.id, read.is_row, read.is_journal, site.number, read.site_id, read.stream,
    read.at, read.received, read.kind,
    case when read.kind in ('custom', 'none') then left(coalesce(read.type, ''), 50)
      else read.kind end,
    read.client_id, read.visitor_id, read.user_id,
    read.url,
    coalesce(
      read.path,
      case when read.url is not null then left(coalesce(nullif(
        substring(read.url from '^(?:[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*)?([^?#]*)'), ''), '/'), 500)
      end),
    read.user_agent,
    case when read.is_journal then read.document
      else etl_with_shop_fields(read.document, read.kind) end,
    read.client_event_id,
    case
      when not read.is_object then 'not_an_object'
      when read.kind = 'none' then 'no_type'
      when read.at is null then 'bad_time'
      when read.visitor_id is null then 'no_visitor'
      when read.kind = 'pageview' and read.url is null and read.path is null then 'no_url'
      when read.is_bot then 'bots'
      when read.kind = 'performance' then 'performance'
      else 'counted'
    end
  from (
    select
      logged.id + 1024 * event.number as position,
      logged.id,
      logged.site_id,
      event.is_row,
      logged.id < 4611686018427387904 as is_journal,
      event.is_object,
      event.document,
      event.type,
      case
        when event.type in ('pageview', 'page_view') then 'pageview'
        when event.type in ('product_view', 'view_item') then 'product_view'
        when event.type in ('product_click', 'select_item') then 'product_click'
        when event.type in ('cart_add', 'add_to_cart') then 'cart_add'
        when event.type in ('cart_remove', 'remove_from_cart') then 'cart_remove'
        when event.type in ('wishlist_add', 'add_to_wishlist') then 'wishlist_add'
        when event.type in ('wishlist_remove', 'remove_from_wishlist') then 'wishlist_remove'
        when event.type in ('checkout', 'begin_checkout', 'add_shipping_info', 'add_payment_info')
          then 'checkout'
        when event.type in ('click', 'scroll', 'scroll_depth', 'form_submit', 'text_copy',
          'page_visibility', 'identify', 'purchase', 'search', 'recommendation_shown',
          'recommendation_click', 'performance') then event.type
        when event.type is null or event.type in ('', 'batch') then 'none'
        else 'custom'
      end as kind,
      case when logged.stream = 0 and logged.id >= 4611686018427387904 then -1
        else logged.stream end as stream,
      case
        when happened.at is null or happened.at < '2000-01-01Z' or happened.at >= '2100-01-01Z'
          then null
        when logged.id >= 4611686018427387904
          and happened.at > logged.created_at + interval '5 minutes'
          then date_trunc('milliseconds', logged.created_at)
        else date_trunc('milliseconds', happened.at)
      end as at,
      date_trunc('milliseconds', coalesce(logged.created_at, logged.timestamp)) as received,
      case
        when logged.id < 4611686018427387904
          then etl_text(event.document, 'client_session_id', 79)
        else nullif(left(split_part(coalesce(
          case when not event.is_row then etl_text(event.document, 'session_id', 100) end,
          logged.session_id, etl_text(event.document, 'session_id', 100)), '~', 1), 79), '')
      end as client_id,
      nullif(coalesce(case when not event.is_row then etl_text(event.document, 'visitor_id', 100) end,
        logged.visitor_id, etl_text(event.document, 'visitor_id', 100)), '') as visitor_id,
      nullif(coalesce(case when not event.is_row then etl_text(event.document, 'user_id', 255) end,
        logged.user_id, etl_text(event.document, 'user_id', 255)), '') as user_id,
      nullif(left(coalesce(case when not event.is_row then etl_text(event.document, 'url', 2048) end,
        logged.url, etl_text(event.document, 'url', 2048)), 2048), '') as url,
      -- A path beside another event's url would be the outer event's.
      nullif(coalesce(
        case when event.is_row or etl_text(event.document, 'url', 2048) is null then logged.path end,
        etl_text(event.document, 'path', 500)), '') as path,
      nullif(left(logged.user_agent, 1000), '') as user_agent,
      logged.is_bot or coalesce(event.document -> 'is_bot' = 'true', false) as is_bot,
      case when logged.client_event_id and event.is_row then logged.event_id end as client_event_id
    from (
      select events_log.*
      from events_log
      inner join etl_rows as taken
        on taken.id = events_log.id
        and taken.site_id = events_log.site_id
        and taken.timestamp = events_log.timestamp
      where events_log.processed_at is null
        and events_log.id between first_id and last_id
    ) as logged
    cross join lateral (
      select
        0 as number,
        true as is_row,
        true as is_object,
        logged.event_type::text as type,
        case when jsonb_typeof(logged.raw_event_data) = 'object' then logged.raw_event_data
          else '{}' end as document
      where logged.event_type <> 'batch'
      union all
      select
        (listed.ordinality - 1)::integer,
        false,
        jsonb_typeof(listed.element) = 'object',
        coalesce(etl_text(listed.element, 'type', 50), etl_text(listed.element, 'event_type', 50)),
        case when jsonb_typeof(listed.element) <> 'object' then '{}'
          when jsonb_typeof(logged.raw_event_data) = 'object'
            then (logged.raw_event_data - '{events,type,event_type,event_id,timestamp}'::text[])
              || listed.element
          else listed.element end
      from jsonb_array_elements(case
        when logged.event_type <> 'batch' then '[]'
        when jsonb_typeof(logged.raw_event_data) = 'array' then logged.raw_event_data
        when jsonb_typeof(logged.raw_event_data -> 'events') = 'array'
          then logged.raw_event_data -> 'events'
        else '[]' end) with ordinality as listed (element, ordinality)
      where listed.ordinality <= 1000
    ) as event
    cross join lateral (
      select case
        when event.is_row or event.document -> 'timestamp' is null then logged.timestamp
        else etl_time(event.document -> 'timestamp')
      end as at
    ) as happened
  ) as read
  inner join etl_sites as site on site.site_id = read.site_id
  order by read.position, read.id;
end $$;

-- Which events are not counted because they came before, or too late (live streams alone).
create procedure etl_sift()
language plpgsql
set enable_nestloop = off
set enable_mergejoin = off
as $$
declare
  doubtful record;
  arrived timestamptz := (select max(arrival) from etl_procedure_arrival);
  taken integer;
begin
  if exists (select from etl_batch where client_event_id is not null) then
    insert into etl_arrivals (position, site_id, event_id, hour, is_doubtful)
    select position, site_id, client_event_id, hour,
      count(*) over (partition by site_id, client_event_id) > 1
        or (
          select true
          from etl_procedure_event_ids as known
          where known.site_id = arrival.site_id
            and known.event_id = arrival.client_event_id
        ) is not null
    from (
      select
        position,
        site_id,
        client_event_id,
        floor(extract(epoch from greatest(arrived, max(received) over (order by position))) / 3600)
          ::bigint as hour
      from etl_batch
    ) as arrival
    where client_event_id is not null;
    insert into etl_procedure_event_ids (site_id, event_id, hour)
    select site_id, event_id, hour
    from etl_arrivals
    where not is_doubtful;
    for doubtful in select * from etl_arrivals where is_doubtful order by position loop
      insert into etl_procedure_event_ids as known (site_id, event_id, hour)
      values (doubtful.site_id, doubtful.event_id, doubtful.hour)
      on conflict (site_id, event_id) do update
      set hour = excluded.hour
      where known.hour < excluded.hour - 24;
      get diagnostics taken = row_count;
      if taken = 0 then
        update etl_batch set counted_as = 'duplicates' where position = doubtful.position;
      end if;
    end loop;
  end if;
  select greatest(arrived, max(received)) into arrived from etl_batch;
  if arrived is not null then
    delete from etl_procedure_arrival;
    insert into etl_procedure_arrival (arrival) values (arrived);
    delete from etl_procedure_event_ids
    where hour < floor(extract(epoch from arrived) / 3600)::bigint - 24;
  end if;

  -- The watermark before an event says whether it is late, the one after it whom it can join. A late
  -- event lies before the watermark, so it does not move it.
  if exists (select from etl_batch where stream = 0) then
    update etl_batch as event
    set
      counted_as = case when event.at < clock.before - interval '72 hours' then 'late'
        else 'counted' end,
      reach = greatest(clock.before, event.at) - interval '72 hours 30 minutes'
    from (
      select
        batch.position,
        greatest(world.watermark, max(batch.at) over (
          partition by batch.site_id
          order by batch.position
          rows between unbounded preceding and 1 preceding)) as before
      from etl_batch as batch
      left join etl_procedure_worlds as world
        on world.site_id = batch.site_id
        and world.stream = 0
      where batch.stream = 0
        and batch.counted_as = 'counted'
    ) as clock
    where event.position = clock.position
      and event.counted_as = 'counted';
  end if;
end $$;

-- Visitors with events that name no session, and clients' session ids, of this batch. *Simple* are
-- those whose sessions follow from their own events alone, in one statement: a visitor whose events
-- are in order of time and can join at most one session that was there before.
create procedure etl_find_sessions()
language plpgsql
set enable_nestloop = off
set enable_mergejoin = off
as $$
begin
  insert into etl_clients (
    site_id, stream, client_id, is_simple, session_key, visitor_id, last_at)
  select client.site_id, client.stream, client.client_id, true, visit.session_key,
    visit.visitor_id, visit.last_event_at
  from (
    select distinct site_id, stream, client_id
    from etl_batch
    where counted_as = 'counted'
      and client_id is not null
  ) as client
  left join lateral (
    select names.session_key
    from etl_procedure_names as names
    where names.site_id = client.site_id
      and names.stream = client.stream
      and names.client_id = client.client_id
    limit 1
  ) as known on true
  left join lateral (
    select held.session_key, held.visitor_id, held.last_event_at
    from user_sessions as held
    where held.session_key = known.session_key
      and held.site_id || '' = client.site_id
    limit 1
  ) as visit on true;

  insert into etl_visitors (site_id, stream, visitor_id, is_simple, session_key, last_at)
  with unnamed as (
    select site_id, stream, visitor_id, min(at) as first_at, max(at) as last_at,
      bool_and(in_order) as in_order
    from (
      select site_id, stream, visitor_id, at,
        at >= coalesce(lag(at) over (
          partition by site_id, stream, visitor_id order by position), at) as in_order
      from etl_batch
      where counted_as = 'counted'
        and client_id is null
    ) as ordered
    group by site_id, stream, visitor_id
  ),
  mixed as (
    select site_id, stream, visitor_id
    from etl_batch
    where counted_as = 'counted'
      and client_id is not null
    union
    select site_id, stream, visitor_id
    from etl_clients
    where visitor_id is not null
  )
  select
    unnamed.site_id,
    unnamed.stream,
    unnamed.visitor_id,
    unnamed.in_order
      and mixed.visitor_id is null
      and (unnamed.stream <> 0 or held.total <= 64)
      and held.fitting <= 1
      and coalesce(held.began_before, true),
    held.session_key,
    held.last_at
  from unnamed
  left join mixed
    on mixed.site_id = unnamed.site_id
    and mixed.stream = unnamed.stream
    and mixed.visitor_id = unnamed.visitor_id
  cross join lateral (
    select
      count(*) as total,
      count(*) filter (where fits) as fitting,
      max(recent.session_key) filter (where fits) as session_key,
      max(recent.last_event_at) filter (where fits) as last_at,
      bool_and(recent.session_start - interval '30 minutes' <= unnamed.first_at)
        filter (where fits) as began_before
    from (
      select
        visit.session_key,
        visit.session_start,
        visit.last_event_at,
        visit.last_event_at + interval '30 minutes' >= unnamed.first_at
          and visit.session_start - interval '30 minutes' <= unnamed.last_at as fits
      from user_sessions as visit
      where visit.site_id = unnamed.site_id
        and visit.visitor_id = unnamed.visitor_id
        and visit.stream = unnamed.stream
      order by visit.session_key desc
      limit case when unnamed.stream = 0 then 65 else 64 end
    ) as recent
  ) as held;

  if exists (select from etl_visitors where not is_simple) then
    update etl_clients as client
    set is_simple = false
    where exists (
      select
      from etl_batch as event
      inner join etl_visitors as visitor
        on visitor.site_id = event.site_id
        and visitor.stream = event.stream
        and visitor.visitor_id = event.visitor_id
        and not visitor.is_simple
      where event.site_id = client.site_id
        and event.stream = client.stream
        and event.client_id = client.client_id
        and event.counted_as = 'counted'
    )
    or exists (
      select
      from etl_visitors as visitor
      where visitor.site_id = client.site_id
        and visitor.stream = client.stream
        and visitor.visitor_id = client.visitor_id
        and not visitor.is_simple
    );
  end if;
end $$;

-- Events whose session depends on those before them, one by one.
create procedure etl_place_in_turn()
language plpgsql
set enable_nestloop = off
set enable_mergejoin = off
as $$
declare
  event record;
  joined bigint;
begin
  insert into etl_open (site_id, stream, session_key, client_id, visitor_id, first_at, last_at)
  select visit.site_id, visit.stream, visit.session_key,
    nullif(split_part(visit.session_id, '~', 1), ''), visit.visitor_id, visit.session_start,
    visit.last_event_at
  from etl_visitors as visitor
  cross join lateral (
    select *
    from user_sessions as held
    where held.site_id = visitor.site_id
      and held.visitor_id = visitor.visitor_id
      and held.stream = visitor.stream
    order by held.session_key desc
    limit case when visitor.stream = 0 then null else 64 end
  ) as visit
  where not visitor.is_simple
  union
  select visit.site_id, visit.stream, visit.session_key,
    nullif(split_part(visit.session_id, '~', 1), ''), visit.visitor_id, visit.session_start,
    visit.last_event_at
  from etl_clients as client
  cross join lateral (
    select *
    from user_sessions as held
    where held.session_key = client.session_key
      and held.site_id || '' = client.site_id
    limit 1
  ) as visit
  where not client.is_simple;

  for event in
    select batch.position, batch.site_id, batch.stream, batch.client_id, batch.visitor_id, batch.at,
      batch.reach
    from etl_batch as batch
    left join etl_clients as client
      on client.site_id = batch.site_id
      and client.stream = batch.stream
      and client.client_id = batch.client_id
    left join etl_visitors as visitor
      on visitor.site_id = batch.site_id
      and visitor.stream = batch.stream
      and visitor.visitor_id = batch.visitor_id
    where batch.counted_as = 'counted'
      and not case when batch.client_id is null then visitor.is_simple else client.is_simple end
    order by batch.position
  loop
    joined := null;
    if event.client_id is not null then
      select case when latest.last_at >= event.reach then latest.session_key end into joined
      from etl_open as latest
      where latest.client_id = event.client_id
        and latest.site_id = event.site_id
        and latest.stream = event.stream
      order by latest.session_key desc
      limit 1;
    else
      select recent.session_key into joined
      from (
        select held.session_key, held.first_at, held.last_at
        from etl_open as held
        where held.visitor_id = event.visitor_id
          and held.site_id = event.site_id
          and held.stream = event.stream
          and (held.stream <> 0
            or date_trunc('minute', held.last_at) >= date_trunc('minute', event.reach))
        order by held.session_key desc
        limit 64
      ) as recent
      where recent.last_at >= event.reach
        and event.at >= recent.first_at - interval '30 minutes'
        and event.at <= recent.last_at + interval '30 minutes'
      order by recent.first_at, recent.session_key
      limit 1;
    end if;
    if joined is null then
      insert into etl_open (
        site_id, stream, session_key, client_id, visitor_id, first_at, last_at)
      values (event.site_id, event.stream, event.position, event.client_id, event.visitor_id,
        event.at, event.at);
    else
      update etl_open
      set first_at = least(first_at, event.at), last_at = greatest(last_at, event.at)
      where session_key = joined
        and site_id = event.site_id;
    end if;
    insert into etl_placed (position, site_id, session_key, begins)
    values (event.position, event.site_id, coalesce(joined, event.position), joined is null);
  end loop;
end $$;

-- The session of each counted event (docs/etl.md, section 4).
create procedure etl_place()
language plpgsql
set enable_nestloop = off
set enable_mergejoin = off
as $$
begin
  call etl_find_sessions();

  insert into etl_placed (position, site_id, session_key, begins)
  select position, site_id,
    coalesce(max(position) filter (where begins) over (
      partition by site_id, stream, client_id order by position), session_key),
    begins
  from (
    select event.position, event.site_id, event.stream, event.client_id, client.session_key,
      coalesce(greatest(client.last_at, max(event.at) over (
        partition by event.site_id, event.stream, event.client_id
        order by event.position
        rows between unbounded preceding and 1 preceding)) < event.reach,
        client.last_at is null and row_number() over (
          partition by event.site_id, event.stream, event.client_id
          order by event.position) = 1) as begins
    from etl_batch as event
    inner join etl_clients as client
      on client.site_id = event.site_id
      and client.stream = event.stream
      and client.client_id = event.client_id
    where event.counted_as = 'counted'
      and client.is_simple
  ) as named;

  insert into etl_placed (position, site_id, session_key, begins)
  select position, site_id,
    coalesce(max(position) filter (where begins) over (
      partition by site_id, stream, visitor_id order by position), session_key),
    begins
  from (
    select event.position, event.site_id, event.stream, event.visitor_id, visitor.session_key,
      coalesce(event.at > greatest(visitor.last_at, lag(event.at) over (
        partition by event.site_id, event.stream, event.visitor_id
        order by event.position)) + interval '30 minutes', true) as begins
    from etl_batch as event
    inner join etl_visitors as visitor
      on visitor.site_id = event.site_id
      and visitor.stream = event.stream
      and visitor.visitor_id = event.visitor_id
    where event.counted_as = 'counted'
      and event.client_id is null
      and visitor.is_simple
  ) as unnamed;

  if exists (select from etl_visitors where not is_simple) then
    call etl_place_in_turn();
  end if;

  insert into etl_visits (
    number, site_id, session_key, stream, session_id, visitor_id, client_id, begun)
  select row_number() over (), event.site_id, event.position, event.stream,
    case
      when event.client_id is null then '~' || etl_base32(event.position)
      when event.stream > 0
        or known.session_key is not null
        or row_number() over (
          partition by event.site_id, event.stream, event.client_id order by event.position) > 1
        then event.client_id || '~' || etl_base32(event.position)
      else event.client_id
    end,
    event.visitor_id, event.client_id, true
  from etl_placed as placed
  inner join etl_batch as event on event.position = placed.position
  left join etl_clients as known
    on known.site_id = event.site_id
    and known.stream = event.stream
    and known.client_id = event.client_id
  where placed.begins;

  insert into etl_visits (
    number, site_id, session_key, stream, session_id, visitor_id, client_id, begun)
  select row_number() over () + (select count(*) from etl_visits), visit.site_id, visit.session_key, visit.stream, visit.session_id, visit.visitor_id,
    null, false
  from (
    select distinct site_id, session_key
    from etl_placed
    where not begins
    except
    select site_id, session_key
    from etl_visits
  ) as joined
  cross join lateral (
    select *
    from user_sessions as held
    where held.session_key = joined.session_key
      and held.site_id || '' = joined.site_id
    limit 1
  ) as visit;

  insert into etl_counted (position, visit, session_id)
  select placed.position, visit.number, visit.session_id
  from etl_placed as placed
  inner join etl_visits as visit
    on visit.session_key = placed.session_key
    and visit.site_id = placed.site_id;

  insert into etl_procedure_names as known (site_id, stream, client_id, session_key)
  select site_id, stream, client_id, max(session_key)
  from etl_visits
  where begun
    and client_id is not null
  group by site_id, stream, client_id
  on conflict (site_id, stream, client_id) do update
  set session_key = excluded.session_key;

  insert into etl_procedure_worlds as world (site_id, stream, watermark)
  select site_id, stream, max(at)
  from etl_batch
  where counted_as = 'counted'
  group by site_id, stream
  on conflict (site_id, stream) do update
  set watermark = greatest(world.watermark, excluded.watermark);
end $$;

-- ---- rows

-- Sessions: what the batch says of each, merged into the row that is there (docs/etl.md, section 5).
create procedure etl_write_sessions()
language plpgsql
set enable_nestloop = off
set enable_mergejoin = off
as $$
begin
  insert into etl_changes (
    visit, site_id, session_key, session_id, visitor_id, stream, begun,
    session_start, last_event_at, last_position, pageview_count, event_count, engaged_count,
    entry_url, entry_path, entry_title,
    utm_source, utm_medium, utm_campaign, utm_content, utm_term,
    referrer_type, referrer_platform, original_referrer,
    user_agent, browser_language, timezone,
    screen_width, screen_height, viewport_width, viewport_height, device_pixel_ratio,
    browser, os, device_type, country, lead_at, lead_position,
    exit_url, exit_path, exit_at, exit_position, user_id, user_at, user_position)
  with events as (
    select counted.visit, event.*, event.kind = 'pageview' as is_page
    from etl_counted as counted
    inner join etl_batch as event on event.position = counted.position
  ),
  sums as (
    select
      visit,
      min(at) as first_at,
      max(at) as last_at,
      count(*) filter (where is_page) as pages,
      count(*) filter (where not is_page) as others,
      count(*) filter (where kind not in ('pageview', 'scroll', 'scroll_depth', 'text_copy',
        'page_visibility', 'identify', 'recommendation_shown')) as engaged
    from events
    group by visit
  ),
  lasts as (
    select distinct on (visit) visit, position
    from events
    order by visit, at desc, position desc
  ),
  leads as (
    select distinct on (visit) *
    from events
    order by visit, is_page desc, at, position
  ),
  exits as (
    select distinct on (visit) visit, at, position, url, path
    from events
    where is_page
    order by visit, at desc, position desc
  ),
  persons as (
    select distinct on (visit) visit, at, position, user_id
    from events
    where user_id is not null
    order by visit, at desc, position desc
  )
  select
    visit.number, visit.site_id, visit.session_key, visit.session_id, visit.visitor_id, visit.stream,
    visit.begun,
    sums.first_at, sums.last_at, lasts.position, sums.pages, sums.others, sums.engaged,
    case when led.is_page then coalesce(led.url, led.path) end,
    case when led.is_page then led.path end,
    case when led.is_page then etl_text(led.document, 'title', 500) end,
    etl_text(led.document, 'utm_source', 100), etl_text(led.document, 'utm_medium', 100),
    etl_text(led.document, 'utm_campaign', 100), etl_text(led.document, 'utm_content', 100),
    etl_text(led.document, 'utm_term', 100),
    etl_referrer_type(led.document, site.domain),
    etl_text(led.document, 'referrer_platform', 100),
    etl_text(led.document, 'referrer', 2048),
    led.user_agent, etl_text(led.document, 'language', 10), etl_text(led.document, 'timezone', 50),
    etl_size(led.document, 'screen', 0), etl_size(led.document, 'screen', 1),
    etl_size(led.document, 'viewport', 0), etl_size(led.document, 'viewport', 1),
    case when etl_number(led.document, 'device_pixel_ratio') > 0
      then round(least(etl_number(led.document, 'device_pixel_ratio'), 9.99), 2) end,
    etl_text(led.document, 'browser', 100), etl_text(led.document, 'os', 100),
    case when led.document ->> 'device_type' in ('desktop', 'mobile', 'tablet', 'bot')
      then led.document ->> 'device_type' else 'unknown' end,
    etl_text(led.document, 'country', 2), led.at, led.position,
    coalesce(exits.url, exits.path), exits.path, exits.at, exits.position,
    persons.user_id, persons.at, persons.position
  from etl_visits as visit
  inner join sums
    on sums.visit = visit.number
  inner join lasts
    on lasts.visit = visit.number
  inner join leads as led
    on led.visit = visit.number
  inner join etl_sites as site on site.number = led.site
  left join exits
    on exits.visit = visit.number
  left join persons
    on persons.visit = visit.number;

  insert into etl_held
  select held.*, visit.number
  from etl_visits as visit
  cross join lateral (
    select *
    from user_sessions as before
    where before.session_key = visit.session_key
      and before.site_id || '' = visit.site_id
    limit 1
  ) as held
  where not visit.begun;

  -- From here on a change says what the session's row will.
  update etl_changes as change
  set
    -- A page leads over any other event, among the same sort the earlier one does.
    leads = case when (visit.pageview_count > 0) = (change.pageview_count > 0)
      then (change.lead_at, change.lead_position) < (visit.lead_at, visit.lead_position)
      else change.pageview_count > 0 end,
    session_start = least(visit.session_start, change.session_start),
    last_position = case
      when (change.last_event_at, change.last_position) > (visit.last_event_at, visit.last_position)
        then change.last_position else visit.last_position end,
    last_event_at = greatest(visit.last_event_at, change.last_event_at),
    pageview_count = visit.pageview_count + change.pageview_count,
    event_count = visit.event_count + change.event_count,
    engaged_count = visit.engaged_count + change.engaged_count,
    (exit_url, exit_path, exit_at, exit_position) = (
      select
        case when turn.changes then change.exit_url else visit.exit_url end,
        case when turn.changes then change.exit_path else visit.exit_path end,
        case when turn.changes then change.exit_at else visit.exit_at end,
        case when turn.changes then change.exit_position else visit.exit_position end
      from (select change.exit_at is not null and (visit.exit_at is null
        or (change.exit_at, change.exit_position) > (visit.exit_at, visit.exit_position))
          as changes) as turn
    ),
    (user_id, user_at, user_position) = (
      select
        case when turn.changes then change.user_id else visit.user_id end,
        case when turn.changes then change.user_at else visit.user_at end,
        case when turn.changes then change.user_position else visit.user_position end
      from (select change.user_at is not null and (visit.user_at is null
        or (change.user_at, change.user_position) > (visit.user_at, visit.user_position))
          as changes) as turn
    )
  from etl_held as visit
  where visit.visit = change.visit;

  update etl_changes as change
  set
    duration_seconds = least(floor(extract(epoch from last_event_at - session_start)), 2147483647),
    bounce = pageview_count = 1 and engaged_count = 0,
    session_end = case when last_event_at + interval '30 minutes' <= world.watermark
      then last_event_at end
  from etl_procedure_worlds as world
  where world.site_id = change.site_id
    and world.stream = change.stream;

  call etl_store_sessions();
end $$;

create procedure etl_store_sessions()
language plpgsql
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
begin
  update user_sessions as visit
  set
    session_start = change.session_start,
    session_end = change.session_end,
    duration_seconds = change.duration_seconds,
    pageview_count = change.pageview_count,
    event_count = change.event_count,
    bounce = change.bounce,
    exit_url = change.exit_url,
    exit_path = change.exit_path,
    last_event_at = change.last_event_at,
    engaged_count = change.engaged_count,
    user_id = change.user_id,
    user_at = change.user_at,
    user_position = change.user_position,
    last_position = change.last_position,
    exit_position = change.exit_position,
    exit_at = change.exit_at
  from etl_changes as change
  where not change.begun
    and visit.session_key = change.session_key
    and visit.site_id || '' = change.site_id;

  update user_sessions as visit
  set
    entry_url = change.entry_url,
    entry_path = change.entry_path,
    entry_title = change.entry_title,
    utm_source = change.utm_source,
    utm_medium = change.utm_medium,
    utm_campaign = change.utm_campaign,
    utm_content = change.utm_content,
    utm_term = change.utm_term,
    referrer_type = change.referrer_type,
    referrer_platform = change.referrer_platform,
    original_referrer = change.original_referrer,
    user_agent = change.user_agent,
    browser_language = change.browser_language,
    timezone = change.timezone,
    screen_width = change.screen_width,
    screen_height = change.screen_height,
    viewport_width = change.viewport_width,
    viewport_height = change.viewport_height,
    device_pixel_ratio = change.device_pixel_ratio,
    browser = change.browser,
    os = change.os,
    device_type = change.device_type,
    country = change.country,
    lead_at = change.lead_at,
    lead_position = change.lead_position
  from etl_changes as change
  where change.leads
    and visit.session_key = change.session_key
    and visit.site_id || '' = change.site_id;

  insert into user_sessions (
    session_id, visitor_id, site_id, session_start, session_end, duration_seconds,
    pageview_count, event_count, bounce, exit_url, exit_path, last_event_at, engaged_count,
    user_id, user_at, user_position, last_position, exit_position, exit_at, entry_url,
    entry_path, entry_title, utm_source, utm_medium, utm_campaign, utm_content, utm_term,
    referrer_type, referrer_platform, original_referrer, user_agent, browser_language,
    timezone, screen_width, screen_height, viewport_width, viewport_height,
    device_pixel_ratio, browser, os, device_type, country, lead_at, lead_position,
    session_key, stream)
  select
    session_id, visitor_id, site_id, session_start, session_end, duration_seconds,
    pageview_count, event_count, bounce, exit_url, exit_path, last_event_at, engaged_count,
    user_id, user_at, user_position, last_position, exit_position, exit_at, entry_url,
    entry_path, entry_title, utm_source, utm_medium, utm_campaign, utm_content, utm_term,
    referrer_type, referrer_platform, original_referrer, user_agent, browser_language,
    timezone, screen_width, screen_height, viewport_width, viewport_height,
    device_pixel_ratio, browser, os, device_type, country, lead_at, lead_position,
    session_key, stream
  from etl_changes
  where begun;

  call etl_close_sessions();
end $$;

-- Closes what the watermark of its site and stream has left behind by 30 minutes.
create procedure etl_close_sessions()
language plpgsql
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
begin
  update user_sessions as visit
  set session_end = visit.last_event_at
  from etl_procedure_worlds as world
  where world.stream < 0
    and visit.session_end is null
    and visit.stream < 0
    and visit.site_id = world.site_id
    and visit.last_event_at <= world.watermark - interval '30 minutes';
  if exists (select from etl_procedure_worlds where stream >= 0) then
    update user_sessions as visit
    set session_end = visit.last_event_at
    from etl_procedure_worlds as world
    where world.stream >= 0
      and visit.session_end is null
      and visit.site_id = world.site_id
      and visit.stream = world.stream
      and visit.last_event_at <= world.watermark - interval '30 minutes';
  end if;
end $$;

-- Pages, and the time on those before them (docs/etl.md, section 6).
create procedure etl_write_pages()
language plpgsql
set enable_nestloop = off
set enable_mergejoin = off
as $$
begin
  insert into etl_pages (position, site_id, at, seconds, is_new)
  with touched as (
    select counted.visit, min(event.at) as from_at
    from etl_counted as counted
    inner join etl_batch as event on event.position = counted.position
    group by counted.visit
  ),
  pages as (
    select event.position, event.site_id, counted.visit, event.at, true as is_new
    from etl_counted as counted
    inner join etl_batch as event on event.position = counted.position
    where event.kind = 'pageview'
    union all
    select page.id, page.site_id, visit.number, page.view_timestamp, false
    from touched
    inner join etl_visits as visit
      on visit.number = touched.visit
      and not visit.begun
    cross join lateral (
      -- From the last page before the batch's events on.
      select held.id, held.site_id, held.view_timestamp
      from pageviews as held
      where held.session_key = visit.session_key
        and held.site_id || '' = visit.site_id
        and held.view_timestamp >= coalesce((
          select max(before.view_timestamp)
          from pageviews as before
          where before.session_key = visit.session_key
            and before.site_id || '' = visit.site_id
            and before.view_timestamp <= touched.from_at), touched.from_at)
      offset 0
    ) as page
  ),
  followed as (
    select
      pages.*,
      lead(at) over (partition by visit order by at, position) as next_at
    from pages
  )
  select
    followed.position,
    followed.site_id,
    followed.at,
    case
      when followed.next_at is not null
        then least(floor(extract(epoch from followed.next_at - followed.at)), 1800)
      when (change.last_event_at, change.last_position) > (followed.at, followed.position)
        then least(floor(extract(epoch from change.last_event_at - followed.at)), 1800)
    end,
    followed.is_new
  from followed
  inner join etl_changes as change on change.visit = followed.visit;

  call etl_store_page_times();

  insert into pageviews (
    id, session_id, visitor_id, site_id, url, path, title, query_params, hash_fragment,
    view_timestamp, time_on_page_seconds, referrer, internal_referrer, utm_source, utm_medium,
    utm_campaign, utm_content, utm_term, session_key)
  select
    event.position, visit.session_id, event.visitor_id, event.site_id,
    coalesce(event.url, event.path), event.path,
    etl_text(event.document, 'title', 500),
    coalesce(etl_text(event.document, 'query_params', 2048), case when not event.is_journal
      then nullif(substring(event.url from '^[^?#]*[?]([^#]*)'), '') end),
    coalesce(etl_text(event.document, 'hash_fragment', 500), case when not event.is_journal
      then nullif(left(substring(event.url from '#(.*)$'), 500), '') end),
    event.at, page.seconds,
    etl_text(event.document, 'referrer', 2048),
    etl_referrer_type(event.document, site.domain) = 'internal',
    etl_text(event.document, 'utm_source', 100), etl_text(event.document, 'utm_medium', 100),
    etl_text(event.document, 'utm_campaign', 100), etl_text(event.document, 'utm_content', 100),
    etl_text(event.document, 'utm_term', 100),
    visit.session_key
  from etl_pages as page
  inner join etl_batch as event on event.position = page.position
  inner join etl_counted as counted on counted.position = event.position
  inner join etl_visits as visit on visit.number = counted.visit
  inner join etl_sites as site on site.number = event.site
  where page.is_new
  on conflict do nothing;
end $$;

create procedure etl_store_page_times()
language plpgsql
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
begin
  update pageviews as page
  set time_on_page_seconds = changed.seconds
  from etl_pages as changed
  where not changed.is_new
    and page.id = changed.position
    and page.site_id = changed.site_id
    and page.view_timestamp = changed.at
    and page.time_on_page_seconds is distinct from changed.seconds;
end $$;

-- What is not a page, forms and orders (docs/etl.md, section 8).
create procedure etl_write_actions()
language plpgsql
set enable_nestloop = off
set enable_mergejoin = off
as $$
begin
  insert into user_events (
    id, session_id, visitor_id, site_id, event_type, event_timestamp, page_url, page_path,
    event_data, element_tag, element_classes, element_id, scroll_percentage, form_id)
  select
    event.position, counted.session_id, event.visitor_id, event.site_id, event.event_type, event.at,
    event.url, event.path,
    nullif(case
      when event.data ? 'element' and not (event.data -> 'element') ?| '{text,href}'
        then event.data - 'element'
      else event.data end, '{}'),
    coalesce(etl_text(event.document -> 'element', 'tag', 20),
      etl_text(event.document, 'element_tag', 20)),
    coalesce(etl_text(event.document -> 'element', 'classes', 1000),
      etl_text(event.document, 'element_classes', 1000)),
    coalesce(etl_text(event.document -> 'element', 'id', 100),
      etl_text(event.document, 'element_id', 100)),
    coalesce(etl_whole(event.document, 'scroll_percentage', 0, 100),
      etl_whole(event.document, 'scroll_depth', 0, 100)),
    coalesce(etl_text(event.document -> 'form', 'id', 100),
      etl_text(event.document, 'form_id', 100))
  from (
    select batch.*,
      -- Everything but what is a column here or in events_log.
      batch.document - '{client_event_id,client_session_id,client_timestamp,sent_type,stream,is_bot,
        user_id,title,referrer,query_params,hash_fragment,referrer_type,referrer_platform,utm_source,
        utm_medium,utm_campaign,utm_content,utm_term,browser,os,device_type,country,language,
        timezone,screen,viewport,device_pixel_ratio,scroll_percentage,scroll_depth,form,form_id,
        element_tag,element_id,element_classes,performance,umami,events,type,event_type,event_id,
        timestamp,session_id,visitor_id,site,site_id,url,path,user_agent,ip}'::text[] as data
    from etl_batch as batch
    where batch.counted_as = 'counted'
      and batch.kind <> 'pageview'
  ) as event
  inner join etl_counted as counted on counted.position = event.position
  on conflict do nothing;

  insert into form_submissions (
    id, session_id, visitor_id, site_id, form_id, form_action, form_method, page_url, page_path,
    submit_timestamp, field_count, form_data)
  select
    event.position, counted.session_id, event.visitor_id, event.site_id,
    coalesce(etl_text(event.document -> 'form', 'id', 100),
      etl_text(event.document, 'form_id', 100)),
    etl_text(event.document -> 'form', 'action', 2048),
    upper(etl_text(event.document -> 'form', 'method', 10)),
    event.url, event.path, event.at,
    coalesce(etl_whole(event.document -> 'form', 'field_count', 0, 10000),
      case when not event.is_journal
        and jsonb_typeof(event.document -> 'form' -> 'fields') = 'object'
        then (select count(*) from jsonb_object_keys(event.document -> 'form' -> 'fields')) end),
    case
      when jsonb_typeof(event.document -> 'form' -> 'fields') is distinct from 'object' then null
      when event.is_journal then event.document -> 'form' -> 'fields'
      else etl_redacted(event.document -> 'form' -> 'fields')
    end
  from etl_batch as event
  inner join etl_counted as counted on counted.position = event.position
  where event.kind = 'form_submit'
  on conflict do nothing;

  insert into orders (
    id, site_id, order_id, session_id, visitor_id, user_id, order_timestamp, revenue, currency,
    item_count)
  select
    event.position, event.site_id,
    coalesce(etl_text(event.document, 'order_id', 100), etl_text(event.document, 'wc_order_id', 100)),
    counted.session_id, event.visitor_id, event.user_id, event.at,
    round(least(greatest(coalesce(
      etl_number(event.document, 'revenue'), etl_number(event.document, 'wc_revenue'), 0), 0),
      900000000000000), 4),
    coalesce(upper(etl_text(event.document, 'currency', 3)),
      case when not event.is_journal and (bought.has_price or shop.context ? 'revenue'
        or shop.context ? 'cart_value') then site.currency end),
    bought.total
  from etl_batch as event
  inner join etl_counted as counted on counted.position = event.position
  inner join etl_sites as site on site.number = event.site
  cross join lateral (
    select count(*) as total, bool_or(etl_number(item, 'price') >= 0) as has_price
    from etl_items(event.document)
  ) as bought
  cross join lateral etl_shop_context(event.document) as shop (context)
  where event.kind = 'purchase'
  on conflict do nothing;
end $$;

-- Interactions with products, and the people and products that are new (docs/etl.md, section 9).
create procedure etl_write_interactions()
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
  on conflict do nothing;
end $$;

-- Marks the rows, counts the events, and notes the days whose metrics changed.
create procedure etl_finish()
language plpgsql
set enable_nestloop = off
set enable_mergejoin = off
as $$
declare
  first_id bigint;
  last_id bigint;
begin
  select min(id), max(id) into first_id, last_id from etl_rows;
  update events_log as logged
  set
    processed_at = now(),
    session_id = coalesce(outcome.session_id, logged.session_id),
    is_late = logged.is_late or coalesce(outcome.is_late, false)
  from etl_rows as taken
  left join (
    select event.position, counted.session_id, event.counted_as = 'late' as is_late
    from etl_batch as event
    left join etl_counted as counted on counted.position = event.position
    where event.is_row
  ) as outcome on outcome.position = taken.id
  where logged.processed_at is null
    and logged.id between first_id and last_id
    and logged.id = taken.id
    and logged.site_id = taken.site_id
    and logged.timestamp = taken.timestamp;

  insert into etl_skipped_events (id, site_id, reason, skipped_at)
  select row_id, site_id, counted_as, now()
  from etl_batch
  where counted_as in ('not_an_object', 'no_type', 'bad_time', 'no_visitor', 'no_url')
  union all
  select taken.id, taken.site_id, 'no_events', now()
  from etl_rows as taken
  where not exists (select from etl_batch where row_id = taken.id);

  insert into etl_procedure_counts as sum (counted_as, events)
  select counted_as, count(*)
  from etl_batch
  group by counted_as
  union all
  select 'no_events', count(*)
  from etl_rows as taken
  where not exists (select from etl_batch where row_id = taken.id)
  having count(*) > 0
  on conflict (counted_as) do update
  set events = sum.events + excluded.events;

  insert into etl_dirty_days (site_id, metric_date)
  with zones as materialized (
    select site.site_id, etl_zone(website.timezone) as name
    from etl_sites as site
    left join website on website.site_id = site.site_id
  )
  select changed.site_id, (changed.at at time zone zone.name)::date
  from (
    select site_id, at from etl_batch where counted_as = 'counted'
    union
    select site_id, session_start from etl_changes
  ) as changed
  inner join zones as zone on zone.site_id = changed.site_id
  group by 1, 2
  except
  select site_id, metric_date
  from etl_dirty_days;
end $$;

-- ---- what the source calls

create procedure process_events_batch(batch_size integer default 1000)
language plpgsql
set jit = off
as $$
begin
  if batch_size is null or batch_size not between 1 and 100000 then
    raise invalid_parameter_value using
      message = format('batch_size is %s: give a number from 1 to 100000', batch_size);
  end if;
  call etl_begin();
  call etl_read(batch_size);
  if not exists (select from etl_rows) then
    return;
  end if;
  call etl_sift();
  call etl_place();
  call etl_write_sessions();
  call etl_write_pages();
  call etl_write_actions();
  call etl_write_interactions();
  call etl_finish();
end $$;

-- Counts of the open sessions of the procedures' sites and streams anew, from the rows of facts; then
-- closes those that are over.
create procedure update_active_sessions()
language plpgsql
set jit = off
as $$
begin
  call etl_begin();
  with incomplete as (
    select visit.site_id, visit.session_key, visit.session_id, visit.stream, visit.session_start,
      visit.last_event_at
    from user_sessions as visit
    inner join etl_procedure_worlds as world
      on world.site_id = visit.site_id
      and world.stream = visit.stream
    where visit.session_end is null
  ),
  facts as (
    select incomplete.site_id, incomplete.session_key, page.view_timestamp as at, page.id as position,
      true as is_page, false as engages, page.url, page.path
    from incomplete
    inner join pageviews as page
      on page.session_key = incomplete.session_key
      and page.site_id = incomplete.site_id
    union all
    select incomplete.site_id, incomplete.session_key, action.event_timestamp, action.id, false,
      action.event_type not in ('scroll', 'scroll_depth', 'text_copy', 'page_visibility',
        'identify', 'recommendation_shown'),
      null, null
    from incomplete
    inner join user_events as action
      on action.site_id = incomplete.site_id
      and action.session_id = incomplete.session_id
      and action.event_timestamp between incomplete.session_start and incomplete.last_event_at
      -- A live session may bear the same name.
      and (action.id >= 4611686018427387904) = (incomplete.session_key >= 4611686018427387904)
  ),
  sums as (
    select
      site_id,
      session_key,
      max(at) as last_at,
      count(*) filter (where is_page) as pages,
      count(*) filter (where not is_page) as others,
      count(*) filter (where engages) as engaged,
      (array_agg(position order by at desc, position desc))[1] as last_position,
      (array_agg(at order by at desc, position desc) filter (where is_page))[1] as exit_at,
      (array_agg(position order by at desc, position desc) filter (where is_page))[1]
        as exit_position,
      (array_agg(url order by at desc, position desc) filter (where is_page))[1] as exit_url,
      (array_agg(path order by at desc, position desc) filter (where is_page))[1] as exit_path
    from facts
    group by site_id, session_key
  )
  update user_sessions as visit
  set
    last_event_at = sums.last_at,
    last_position = sums.last_position,
    duration_seconds = least(floor(extract(epoch from sums.last_at - visit.session_start)),
      2147483647),
    pageview_count = sums.pages,
    event_count = sums.others,
    engaged_count = sums.engaged,
    bounce = sums.pages = 1 and sums.engaged = 0,
    exit_url = sums.exit_url,
    exit_path = sums.exit_path,
    exit_at = sums.exit_at,
    exit_position = sums.exit_position
  from sums
  where visit.session_key = sums.session_key
    and visit.site_id = sums.site_id
    and (visit.last_event_at, visit.pageview_count, visit.event_count, visit.engaged_count)
      is distinct from (sums.last_at, sums.pages::integer, sums.others::integer,
        sums.engaged::integer);
  call etl_close_sessions();
end $$;

-- The days of all sites anew, in the time zone of each (docs/etl.md, section 11). A day without rows
-- keeps what it has: its events may have been cleaned up.
create procedure calculate_daily_metrics(start_date date, end_date date)
language plpgsql
set jit = off
as $$
begin
  if start_date is null or end_date is null or start_date > end_date
    or end_date - start_date > 3660 then
    raise invalid_parameter_value using
      message = format('from %s to %s: give the first and the last day, at most ten years apart',
        coalesce(start_date::text, 'null'), coalesce(end_date::text, 'null'));
  end if;
  perform pg_advisory_xact_lock(hashtextextended('attune etl procedures', 0));
  delete from etl_dirty_days where metric_date between start_date and end_date;
  insert into daily_site_metrics as old (
    id, site_id, metric_date, unique_visitors, total_sessions, total_pageviews, bounce_rate,
    avg_session_duration_seconds, avg_pages_per_session, total_events, direct_sessions,
    search_sessions, social_sessions, referral_sessions, email_sessions, paid_sessions,
    ai_sessions, internal_sessions, bounced_sessions, total_duration_seconds, orders, revenue)
  with sites as (
    select site_id, etl_hash64(site_id, 0) as seed, etl_zone(max(timezone)) as zone
    from (
      select site_id, timezone from website
      union all
      select distinct site_id, null from etl_procedure_worlds
    ) as known
    group by site_id
  ),
  ranges as (
    select site_id, seed, zone,
      start_date::timestamp at time zone zone as first_at,
      (end_date + 1)::timestamp at time zone zone as end_at
    from sites
  ),
  views as (
    select page.site_id, (page.view_timestamp at time zone range.zone)::date as day,
      page.visitor_id
    from ranges as range
    inner join pageviews as page
      on page.site_id = range.site_id
      and page.view_timestamp >= range.first_at
      and page.view_timestamp < range.end_at
  ),
  actions as (
    select action.site_id, (action.event_timestamp at time zone range.zone)::date as day,
      action.visitor_id
    from ranges as range
    inner join user_events as action
      on action.site_id = range.site_id
      and action.event_timestamp >= range.first_at
      and action.event_timestamp < range.end_at
  ),
  sums as (
    select site_id, day,
      count(*) filter (where is_page) as pages,
      count(*) filter (where not is_page) as actions,
      count(distinct visitor_id) as visitors
    from (
      select site_id, day, visitor_id, true as is_page from views
      union all
      select site_id, day, visitor_id, false from actions
    ) as seen
    group by site_id, day
  ),
  visits as (
    select visit.site_id, (visit.session_start at time zone range.zone)::date as day,
      count(*) as total,
      count(*) filter (where bounce) as bounced,
      sum(duration_seconds) as seconds,
      sum(pageview_count) as pages,
      count(*) filter (where referrer_type = 'direct') as direct_total,
      count(*) filter (where referrer_type = 'search') as search_total,
      count(*) filter (where referrer_type = 'social') as social_total,
      count(*) filter (where referrer_type = 'referral') as referral_total,
      count(*) filter (where referrer_type = 'email') as email_total,
      count(*) filter (where referrer_type = 'paid') as paid_total,
      count(*) filter (where referrer_type = 'ai') as ai_total,
      count(*) filter (where referrer_type = 'internal') as internal_total
    from ranges as range
    inner join user_sessions as visit
      on visit.site_id = range.site_id
      and visit.session_start >= range.first_at
      and visit.session_start < range.end_at
    group by 1, 2
  ),
  sales as (
    select sale.site_id, (sale.order_timestamp at time zone range.zone)::date as day,
      count(*) as total, least(sum(sale.revenue), 900000000000000) as revenue
    from ranges as range
    inner join orders as sale
      on sale.site_id = range.site_id
      and sale.order_timestamp >= range.first_at
      and sale.order_timestamp < range.end_at
    group by 1, 2
  )
  select
    etl_stable_id(to_char(day, 'YYYY-MM-DD'), range.seed), site_id, day,
    coalesce(sums.visitors, 0), coalesce(visits.total, 0), coalesce(sums.pages, 0),
    round(visits.bounced::numeric / visits.total, 4),
    round(visits.seconds::numeric / visits.total),
    round(visits.pages::numeric / visits.total, 2),
    coalesce(sums.actions, 0),
    coalesce(visits.direct_total, 0), coalesce(visits.search_total, 0),
    coalesce(visits.social_total, 0), coalesce(visits.referral_total, 0),
    coalesce(visits.email_total, 0), coalesce(visits.paid_total, 0),
    coalesce(visits.ai_total, 0), coalesce(visits.internal_total, 0),
    coalesce(visits.bounced, 0), coalesce(visits.seconds, 0),
    coalesce(sales.total, 0), coalesce(sales.revenue, 0)
  from sums
  full join visits using (site_id, day)
  left join sales using (site_id, day)
  inner join ranges as range using (site_id)
  on conflict (site_id, metric_date) do update
  set
    unique_visitors = excluded.unique_visitors,
    total_sessions = excluded.total_sessions,
    total_pageviews = excluded.total_pageviews,
    bounce_rate = excluded.bounce_rate,
    avg_session_duration_seconds = excluded.avg_session_duration_seconds,
    avg_pages_per_session = excluded.avg_pages_per_session,
    total_events = excluded.total_events,
    direct_sessions = excluded.direct_sessions,
    search_sessions = excluded.search_sessions,
    social_sessions = excluded.social_sessions,
    referral_sessions = excluded.referral_sessions,
    email_sessions = excluded.email_sessions,
    paid_sessions = excluded.paid_sessions,
    ai_sessions = excluded.ai_sessions,
    internal_sessions = excluded.internal_sessions,
    bounced_sessions = excluded.bounced_sessions,
    total_duration_seconds = excluded.total_duration_seconds,
    orders = excluded.orders,
    revenue = excluded.revenue;
end $$;

-- Raw rows that were processed and are older than so many days, by the clock.
create procedure cleanup_processed_events(retention_days integer default 90)
language plpgsql as $$
begin
  if retention_days is null or retention_days not between 1 and 36500 then
    raise invalid_parameter_value using
      message = format('retention_days is %s: give a number from 1 to 36500', retention_days);
  end if;
  perform pg_advisory_xact_lock(hashtextextended('attune etl procedures', 0));
  delete from events_log
  where created_at < now() - make_interval(days => retention_days)
    and processed_at is not null;
  delete from etl_skipped_events
  where skipped_at < now() - make_interval(days => retention_days);
end $$;
