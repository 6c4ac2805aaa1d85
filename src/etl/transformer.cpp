#include "etl/transformer.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "base/hash.h"

namespace attune::etl {
namespace {

double amount_of(const event::EventView& event, const event::ItemView& item) {
  if (item.price >= 0) return item.price * item.quantity;
  return event.items.size() == 1 ? event.revenue : 0;
}

}  // namespace

Transformer::Transformer(const Settings& settings, const event::SiteDirectory& sites,
                         std::uint64_t hash_seed)
    : settings_(settings),
      sites_(sites),
      sessions_(settings, hash_seed),
      deduplicator_(settings, hash_seed) {}

Result<const Effects*> Transformer::apply(const Batch& batch, Facts& facts) {
  auto snapshot = sites_.sites();
  if (snapshot != snapshot_) {
    snapshot_ = std::move(snapshot);
    zones_.clear();
  }
  ATTUNE_TRY(read(batch));
  ATTUNE_TRY(fetch(facts));
  for (std::size_t index = 0; index < effects_.events.size(); ++index) {
    if (placed_[index] == kNoSession) continue;
    LoggedEvent& logged = effects_.events[index];
    SessionRow& row = *sessions_.at(placed_[index]).row;
    logged.session = &row;
    note_people(*logged.event, row);
    merge(*logged.event, {logged.event->timestamp_ms, logged.position}, row);
  }
  finish();
  return &effects_;
}

void Transformer::committed() {
  for (const Touched& touched : touched_) {
    Session& session = sessions_.at(touched.number);
    session.touched = false;
    session.wants_pages = false;
    if (session.stored == Stored::cold) {
      drop_row(session);
    } else {
      session.row->lead_changed = false;
      session.row->exit_changed = false;
    }
  }
  for (const SessionIndexNumber number : to_cold_) drop_row(sessions_.at(number));
  touched_.clear();
  to_cold_.clear();
  pages_.clear();
  placed_.clear();
  event_count_ = 0;
  effects_.clear();
  sessions_.release_dropped();
  trim_rows();
}

// ---- place

Result<void> Transformer::read(const Batch& batch) {
  // Effects point to events: the array must not grow while a batch is in hand.
  if (events_.size() < batch.count()) events_.resize(batch.count());
  for (const Batch::Record& record : batch.records()) {
    const std::string_view body = batch.body(record);
    const auto type = event::record_type(body);
    if (!type && type.error().code() != ErrorCode::data_loss) {
      return tl::unexpected<Error>(type.error());
    }
    if (!type) {
      ++counts_.other_records;
      continue;
    }
    switch (*type) {
      case event::RecordType::event:
        ATTUNE_TRY(read_event(body, record.position));
        break;
      case event::RecordType::decision:
        ATTUNE_TRY(read_decision(body, record.position));
        break;
      case event::RecordType::import_end: {
        ++counts_.other_records;
        event::ImportEnd end;
        ATTUNE_TRY(event::decode(body, end));
        sessions_.end_import(sessions_.world_number(end.site, end.stream));
        break;
      }
      case event::RecordType::tick: {
        ++counts_.other_records;
        event::Tick tick;
        ATTUNE_TRY(event::decode(body, tick));
        sessions_.tick(tick.received_ms);
        break;
      }
      case event::RecordType::erased:
        ++counts_.events;
        ++counts_.erased;
        deduplicator_.arrive(event::erased_received_ms(body));
        break;
      case event::RecordType::exposure:
        ATTUNE_TRY(read_exposure(body, record.position));
        break;
    }
  }
  return {};
}

Result<void> Transformer::read_event(std::string_view body, std::uint64_t position) {
  event::EventView& event = events_[event_count_];
  const auto decoded = event::decode(body, event);
  if (!decoded && decoded.error().code() != ErrorCode::data_loss) {
    return tl::unexpected<Error>(decoded.error());
  }
  ++counts_.events;
  if (!decoded) {
    ++counts_.damaged;
    return {};
  }
  ++event_count_;
  place(event, position);
  return {};
}

Result<void> Transformer::read_decision(std::string_view body, std::uint64_t position) {
  LoggedDecision logged;
  logged.position = position;
  const auto decoded = event::decode(body, logged.decision);
  if (!decoded && decoded.error().code() != ErrorCode::data_loss) {
    return tl::unexpected<Error>(decoded.error());
  }
  if (!decoded) {
    ++counts_.other_records;
    return {};
  }
  if (settings_.is_decision_erased && settings_.is_decision_erased(logged.decision)) {
    ++counts_.other_records;
    return {};
  }
  ++counts_.decisions;
  effects_.decisions.push_back(std::move(logged));
  return {};
}

Result<void> Transformer::read_exposure(std::string_view body, std::uint64_t position) {
  ++counts_.other_records;
  event::Exposure exposure;
  const auto decoded = event::decode(body, exposure);
  if (!decoded && decoded.error().code() != ErrorCode::data_loss) {
    return tl::unexpected<Error>(decoded.error());
  }
  if (!decoded) return {};
  if (settings_.is_exposure_erased && settings_.is_exposure_erased(exposure)) return {};
  effects_.exposures.add(exposure, position);   // one that names nobody is no row
  return {};
}

void Transformer::place(const event::EventView& event, std::uint64_t position) {
  deduplicator_.arrive(event.received_ms);
  if (settings_.is_erased && settings_.is_erased(event)) {
    ++counts_.erased;
    return;
  }
  if (event.has_client_event_id && !deduplicator_.add(event.site, event.event_id, position)) {
    ++counts_.duplicates;
    return;
  }
  const std::uint32_t world = sessions_.world_number(event.site, event.stream);
  if (sessions_.world(world).ended) {
    ++counts_.after_end;
    return log(event, position, kNoSession, false);
  }
  if (event.is_bot) {
    ++counts_.bots;
    return log(event, position, kNoSession, false);
  }
  if (event.kind == event::Kind::performance) {
    ++counts_.performance;
    return log(event, position, kNoSession, false);
  }
  const Placed placed = sessions_.place(world, event, position);
  if (placed.placing == Placing::late) {
    ++counts_.late;
    return log(event, position, kNoSession, true);
  }
  ++counts_.counted;
  touch(placed, event, position);
  log(event, position, placed.session, false);
  mark_dirty(event.site, event.timestamp_ms);
  note_outcomes(event, position);
}

void Transformer::log(const event::EventView& event, std::uint64_t position,
                      SessionIndexNumber session, bool is_late) {
  effects_.events.push_back({&event, position, nullptr, is_late});
  placed_.push_back(session);
}

void Transformer::touch(const Placed& placed, const event::EventView& event,
                        std::uint64_t position) {
  Session& session = sessions_.at(placed.session);
  if (!session.touched) {
    session.touched = true;
    touched_.push_back({placed.session, placed.begun ? kNever : placed.first_before_ms});
  }
  if (placed.begun) {
    ++counts_.sessions;
    auto row = std::make_unique<SessionRow>();
    row->key = position;
    row->site = event.site;
    row->stream = event.stream;
    row->session_id = session_name(event.session_id, position, placed.named_with_key);
    row->visitor_id = event.visitor_id;
    keep_row(placed.session, std::move(row));
  } else if (event.kind == event::Kind::pageview && event.timestamp_ms < placed.last_before_ms) {
    session.wants_pages = true;
  }
}

void Transformer::note_outcomes(const event::EventView& event, std::uint64_t position) {
  if (event.stream != 0 || event.items.empty()) return;
  using event::Kind;
  const bool shown = event.kind == Kind::recommendation_shown;
  const bool clicked =
      event.kind == Kind::recommendation_click || event.kind == Kind::product_click;
  if (!shown && !clicked && event.kind != Kind::purchase) return;
  const std::string site = event.site.text();
  for (std::size_t index = 0; index < event.items.size(); ++index) {
    const event::ItemView& item = event.items[index];
    const std::int64_t product_id = stable_id(site, item.id);
    if (event.kind == Kind::purchase) {
      effects_.purchases.push_back({event.site, stable_id(site, event.visitor_id), product_id,
                                    event.timestamp_ms, position + index,
                                    amount_of(event, item)});
    } else if (!event.decision_id.is_nil()) {
      effects_.outcomes.push_back({shown ? Outcome::Kind::shown : Outcome::Kind::clicked,
                                   event.decision_id, event.site, product_id,
                                   {event.timestamp_ms, position}});
    }
  }
}

// ---- fetch

Result<void> Transformer::fetch(Facts& facts) {
  std::vector<SessionIndexNumber> touched;
  for (const Touched& each : touched_) touched.push_back(each.number);
  ATTUNE_TRY(fetch_rows(facts, touched));
  return fetch_pages(facts);
}

/// Those rows of the sessions that are not in memory.
Result<void> Transformer::fetch_rows(Facts& facts, std::span<const SessionIndexNumber> sessions) {
  std::vector<StoredSession> missing;
  std::unordered_map<std::uint64_t, SessionIndexNumber> numbers;
  for (const SessionIndexNumber number : sessions) {
    const Session& session = sessions_.at(number);
    if (session.row) continue;
    missing.push_back({session.key, session.stored, session.stored_first_ms});
    numbers.emplace(session.key, number);
  }
  if (missing.empty()) return {};
  ATTUNE_TRY(facts.session_rows(missing, [&](SessionRow&& row) {
    const auto found = numbers.find(row.key);
    if (found == numbers.end()) return;
    keep_row(found->second, std::make_unique<SessionRow>(std::move(row)));
    numbers.erase(found);
  }));
  if (!numbers.empty()) {
    return fail(ErrorCode::internal, "the row of session " +
                                         std::to_string(numbers.begin()->first) +
                                         " is missing in the tables");
  }
  return {};
}

Result<void> Transformer::warm(Facts& facts) {
  // In portions, so that what the engine holds for one question stays small.
  constexpr std::size_t kPortion = 20'000;
  const std::vector<SessionIndexNumber> open = sessions_.latest_open(settings_.session_rows_max);
  for (std::size_t from = 0; from < open.size(); from += kPortion) {
    const std::size_t count = std::min(kPortion, open.size() - from);
    ATTUNE_TRY(fetch_rows(facts, std::span(open).subspan(from, count)));
  }
  return {};
}

Result<void> Transformer::fetch_pages(Facts& facts) {
  std::vector<StoredPages> wanted;
  for (const Touched& touched : touched_) {
    const Session& session = sessions_.at(touched.number);
    if (!session.wants_pages) continue;
    std::vector<Moment>& pages = pages_[session.key];
    if (session.stored == Stored::nowhere) continue;
    wanted.push_back({session.key, session.first_ms, session.last_ms});
    const SessionRow& row = *session.row;
    if (row.has_page() && !row.exit_is_cold) pages.push_back(row.exit.at);
  }
  if (wanted.empty()) return {};
  ATTUNE_TRY(facts.pages(wanted, [&](std::uint64_t key, Moment page) {
    const auto found = pages_.find(key);
    if (found != pages_.end()) found->second.push_back(page);
  }));
  for (auto& [key, pages] : pages_) std::ranges::sort(pages);
  return {};
}

// ---- merge

/// The event's person, whose its order and interactions are, and whom the visit belongs to so far:
/// it may become another one's. Whose it is in the end, finish_session notes.
void Transformer::note_people(const event::EventView& event, const SessionRow& row) {
  if (!settings_.note_people) return;
  if (row.has_events()) effects_.people.add(row.site, row.person());
  effects_.people.add(event.site, event.user_id.empty() ? event.visitor_id : event.user_id);
}

void Transformer::merge(const event::EventView& event, Moment at, SessionRow& row) {
  if (event.kind == event::Kind::pageview) merge_page(event, at, row);
  row.merge(event, at);
}

void Transformer::merge_page(const event::EventView& event, Moment at, SessionRow& row) {
  if (row.has_page() && at < row.exit.at) return insert_between(event, at, row);
  if (row.has_page()) leave_exit(row, at);
  row.exit = page_of(event, at);
  row.exit_is_cold = false;
  row.exit_changed = true;
  const auto pages = pages_.find(row.key);
  if (pages != pages_.end()) pages->second.push_back(at);
}

/// Another page follows: what was the exit page has its final time.
void Transformer::leave_exit(SessionRow& row, Moment next) {
  const std::int32_t seconds = seconds_on_page(row.exit.at.ms, next.ms);
  if (row.exit_is_cold) {
    effects_.page_times[row.exit.at.position] = {row.exit.at.ms, seconds};
  } else {
    effects_.pages.push_back({std::move(row.exit), row.key, row.session_id, row.site, seconds});
  }
}

void Transformer::insert_between(const event::EventView& event, Moment at, SessionRow& row) {
  const auto found = pages_.find(row.key);
  ensure(found != pages_.end(), "the pages around a late one were fetched");
  std::vector<Moment>& pages = found->second;
  const auto next = std::ranges::upper_bound(pages, at);
  ensure(next != pages.end(), "the exit page comes after a page between");
  effects_.pages.push_back({page_of(event, at), row.key, row.session_id, row.site,
                            seconds_on_page(at.ms, next->ms)});
  if (next != pages.begin()) {
    const Moment previous = *(next - 1);
    effects_.page_times[previous.position] = {previous.ms,
                                              seconds_on_page(previous.ms, at.ms)};
  }
  pages.insert(next, at);
}

// ---- finish

void Transformer::finish() {
  to_cold_ = sessions_.take_closed();
  for (const Touched& touched : touched_) finish_session(touched.number, touched.first_before_ms);
  for (const SessionIndexNumber number : to_cold_) close_session(sessions_.at(number));
  effects_.worlds = sessions_.take_changed_worlds();
  counts_.sessions_given_up = sessions_.given_up();
  counts_.event_ids_given_up = deduplicator_.given_up();
}

void Transformer::finish_session(SessionIndexNumber number, std::int64_t first_before_ms) {
  Session& session = sessions_.at(number);
  SessionRow& row = *session.row;
  ensure(row.first_ms == session.first_ms && row.last.ms == session.last_ms,
         "a session's row agrees with its place in the index");
  const bool closed = !session.in_open_list;
  if (settings_.note_people) effects_.people.add(row.site, row.person());
  if (row.has_page()) {
    if (row.exit_is_cold) {
      effects_.page_times[row.exit.at.position] = {row.exit.at.ms, row.exit_seconds()};
    } else if (closed) {
      exit_to_cold(row);
    }
  }
  effects_.sessions.push_back({&row, session.stored, session.stored_first_ms, closed});
  session.stored = closed ? Stored::cold : Stored::hot;
  session.stored_first_ms = row.first_ms;
  mark_dirty(row.site, row.first_ms);
  if (first_before_ms != kNever) mark_dirty(row.site, first_before_ms);
}

/// The exit page of a session that closes has its final time.
void Transformer::exit_to_cold(SessionRow& row) {
  effects_.pages.push_back({row.exit, row.key, row.session_id, row.site, row.exit_seconds()});
  row.exit_is_cold = true;
}

/// A session that no event of the batch touched. With its row in memory it is written from there:
/// the tables would have to be searched for it.
void Transformer::close_session(Session& session) {
  if (session.row) {
    SessionRow& row = *session.row;
    if (row.has_page() && !row.exit_is_cold) exit_to_cold(row);
    effects_.sessions.push_back({&row, session.stored, session.stored_first_ms, true});
  } else {
    effects_.closing_keys.push_back(session.key);
  }
  session.stored = Stored::cold;
}

void Transformer::mark_dirty(const Uuid& site, std::int64_t time_ms) {
  effects_.dirty_days.emplace(site, zone_of(site).day_of(time_ms));
}

const TimeZone& Transformer::zone_of(const Uuid& site) {
  const auto [found, is_new] = zones_.try_emplace(site);
  if (is_new) {
    const auto known = snapshot_->by_id.find(site);
    if (known != snapshot_->by_id.end()) {
      // A zone the system does not know counts as UTC, which try_emplace made.
      if (auto zone = TimeZone::find(known->second.timezone)) found->second = std::move(*zone);
    }
  }
  return found->second;
}

// ---- rows in memory

void Transformer::keep_row(SessionIndexNumber number, std::unique_ptr<SessionRow> row) {
  Session& session = sessions_.at(number);
  session.row = std::move(row);
  cached_.push_back({number, session.key});
  ++cached_count_;
}

void Transformer::drop_row(Session& session) {
  if (!session.row) return;
  session.row.reset();
  --cached_count_;
}

void Transformer::trim_rows() {
  while (cached_count_ > settings_.session_rows_max && !cached_.empty()) {
    Session& session = sessions_.at(cached_.front().number);
    if (session.key == cached_.front().key) drop_row(session);
    cached_.pop_front();
  }
  // Entries of sessions that closed meanwhile would otherwise stay until the bound is reached.
  while (!cached_.empty()) {
    const Session& session = sessions_.at(cached_.front().number);
    if (session.key == cached_.front().key && session.row) break;
    cached_.pop_front();
  }
}

}  // namespace attune::etl
