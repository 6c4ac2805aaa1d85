#include "etl/session_tables.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

namespace attune::etl {

using store::Timestamp;

void LeadColumns::add(const SessionRow& row, std::string_view site) {
  const Lead& lead = row.lead;
  session_key_.push(static_cast<std::int64_t>(row.key));
  session_id_.push(row.session_id);
  visitor_id_.push(row.visitor_id);
  site_id_.push(site);
  stream_.push(static_cast<std::int32_t>(row.stream));
  lead_at_.push(Timestamp::from_ms(lead.at.ms));
  lead_position_.push(static_cast<std::int64_t>(lead.at.position));
  screen_width_.push_if(lead.screen_width != 0, lead.screen_width);
  screen_height_.push_if(lead.screen_height != 0, lead.screen_height);
  viewport_width_.push_if(lead.viewport_width != 0, lead.viewport_width);
  viewport_height_.push_if(lead.viewport_height != 0, lead.viewport_height);
  lead.device_pixel_ratio != 0 ? device_pixel_ratio_.push_rounded(lead.device_pixel_ratio)
                               : device_pixel_ratio_.push_null();
  TextPack::Reader texts(lead.texts);
  for (store::TextColumn* column : {&entry_url_, &entry_path_}) {
    const std::string_view text = texts.next();
    row.has_page() ? column->push(text) : column->push_null();
  }
  for (store::TextColumn* column : {&entry_title_, &utm_source_, &utm_medium_, &utm_campaign_,
                                    &utm_content_, &utm_term_, &referrer_type_,
                                    &referrer_platform_, &original_referrer_, &user_agent_,
                                    &browser_language_, &timezone_, &browser_, &os_,
                                    &device_type_, &country_}) {
    column->push_or_null(texts.next());
  }
}

void StateColumns::add(const SessionRow& row) {
  session_start_.push(Timestamp::from_ms(row.first_ms));
  last_event_at_.push(Timestamp::from_ms(row.last.ms));
  last_position_.push(static_cast<std::int64_t>(row.last.position));
  pageview_count_.push(row.pageview_count);
  event_count_.push(row.event_count);
  engaged_count_.push(row.engaged_count);
  const bool known = !row.user_id.empty();
  user_id_.push_or_null(row.user_id);
  user_at_.push_if(known, Timestamp::from_ms(row.user_at.ms));
  user_position_.push_if(known, static_cast<std::int64_t>(row.user_at.position));
}

void WholeColumns::add(const SessionRow& row, std::string_view site) {
  lead_.add(row, site);
  state_.add(row);
  const bool has_page = row.has_page();
  exit_at_.push_if(has_page, Timestamp::from_ms(row.exit.at.ms));
  exit_position_.push_if(has_page, static_cast<std::int64_t>(row.exit.at.position));
  TextPack::Reader texts(row.exit.texts);
  texts.next();   // visitor
  for (store::TextColumn* column : {&exit_url_, &exit_path_}) {
    const std::string_view text = texts.next();
    has_page ? column->push(text) : column->push_null();
  }
}

void WholeSessionsTable::add(const SessionWrite& write, std::string_view site) {
  const SessionRow& row = *write.row;
  columns_.add(row, site);
  session_end_.push_if(write.closed, Timestamp::from_ms(row.last.ms));
  duration_seconds_.push(static_cast<std::int32_t>(std::min<std::int64_t>(
      (row.last.ms - row.first_ms) / 1000, std::numeric_limits<std::int32_t>::max())));
  bounce_.push(row.pageview_count == 1 && row.engaged_count == 0 ? 1 : 0);
}

void HotSessionsTable::add(const SessionRow& row) {
  session_key_.push(static_cast<std::int64_t>(row.key));
  state_.add(row);
}

void HotPagesTable::add(const SessionRow& row) {
  const bool own = !row.exit_is_cold;
  session_key_.push(static_cast<std::int64_t>(row.key));
  exit_at_.push(Timestamp::from_ms(row.exit.at.ms));
  exit_position_.push(static_cast<std::int64_t>(row.exit.at.position));
  exit_is_cold_.push(own ? 0 : 1);
  internal_referrer_.push_if(own, row.exit.internal_referrer ? 1 : 0);
  TextPack::Reader texts(row.exit.texts);
  const std::string_view visitor_id = texts.next();
  own ? visitor_id_.push(visitor_id) : visitor_id_.push_null();
  url_.push(texts.next());
  path_.push(texts.next());
  for (store::TextColumn* column :
       {&title_, &query_params_, &hash_fragment_, &referrer_, &utm_source_, &utm_medium_,
        &utm_campaign_, &utm_content_, &utm_term_}) {
    own ? column->push_or_null(texts.next()) : column->push_null();
  }
}

namespace {

/// Reads values one after the other; remembers whether one was of another type.
class ValueReader {
 public:
  explicit ValueReader(std::span<const store::Value> values) : values_(values) {}

  std::string_view text() { return get<std::string>(kNoText); }
  std::int64_t number() { return get<std::int64_t>(0); }
  std::int32_t small() { return static_cast<std::int32_t>(number()); }
  std::uint64_t position() { return static_cast<std::uint64_t>(number()); }
  std::int64_t time_ms() { return get<Timestamp>(Timestamp{}).us / 1000; }
  bool flag() { return get<bool>(false); }
  double real() { return get<double>(0.0); }

  bool at_end() const { return at_ == values_.size(); }
  bool ok() const { return ok_ && at_end(); }

 private:
  /// A null reads as `absent`: what the row held in memory.
  template <class T>
  const T& get(const T& absent) {
    if (at_ >= values_.size()) {
      ok_ = false;
      return absent;
    }
    const store::Value& value = values_[at_++];
    if (const T* found = std::get_if<T>(&value)) return *found;
    ok_ = ok_ && std::holds_alternative<store::Null>(value);
    return absent;
  }

  static inline const std::string kNoText;
  std::span<const store::Value> values_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace

Result<SessionRow> session_row_of(std::span<const store::Value> values) {
  ValueReader reader(values);
  SessionRow row;
  row.key = reader.position();
  row.session_id = reader.text();
  row.visitor_id = reader.text();
  auto site = Uuid::parse(reader.text());
  if (!site) return fail(ErrorCode::internal, "a session row without a site");
  row.site = *site;
  row.stream = static_cast<std::uint32_t>(reader.number());
  row.first_ms = reader.time_ms();
  row.last.ms = reader.time_ms();
  row.pageview_count = reader.small();
  row.event_count = reader.small();
  row.engaged_count = reader.small();
  std::string_view lead[18];
  for (int index = 0; index < 14; ++index) lead[index] = reader.text();   // entry_url .. timezone
  row.lead.screen_width = reader.small();
  row.lead.screen_height = reader.small();
  row.lead.viewport_width = reader.small();
  row.lead.viewport_height = reader.small();
  row.lead.device_pixel_ratio = reader.real();
  for (int index = 14; index < 18; ++index) lead[index] = reader.text();
  row.lead.texts.assign({lead[0], lead[1], lead[2], lead[3], lead[4], lead[5], lead[6], lead[7],
                         lead[8], lead[9], lead[10], lead[11], lead[12], lead[13], lead[14],
                         lead[15], lead[16], lead[17]});
  row.user_id = reader.text();
  row.user_at.ms = reader.time_ms();
  row.user_at.position = reader.position();
  row.lead.at.ms = reader.time_ms();
  row.lead.at.position = reader.position();
  row.last.position = reader.position();
  const std::string_view exit_url = reader.text();
  const std::string_view exit_path = reader.text();
  row.exit.at.ms = reader.time_ms();
  row.exit.at.position = reader.position();
  row.exit_is_cold = true;
  std::string_view exit[10];
  if (!reader.at_end()) {
    row.exit_is_cold = reader.flag();
    for (int index = 0; index < 5; ++index) exit[index] = reader.text();
    row.exit.internal_referrer = reader.flag();
    for (int index = 5; index < 10; ++index) exit[index] = reader.text();
  }
  row.exit.texts.assign({exit[0], exit_url, exit_path, exit[1], exit[2], exit[3], exit[4],
                         exit[5], exit[6], exit[7], exit[8], exit[9]});
  if (!reader.ok()) return fail(ErrorCode::internal, "a session row of another shape");
  return row;
}

}  // namespace attune::etl
