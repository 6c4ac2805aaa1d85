#include "serve/publisher.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <condition_variable>
#include <utility>

#include "base/hash.h"
#include "base/thread.h"
#include "base/time_zone.h"
#include "serve/flag_store.h"
#include "serve/row_reader.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

using Text = std::shared_ptr<const std::string>;

Answer answer_of(const json::object& content) {
  Answer made;
  made.body = json::serialize(content);
  made.etag = fmt::format("\"{:016x}\"", hash64(made.body));
  return made;
}

/// `content` with the time it is published at, in plain and for each key that gets it encrypted.
Result<void> set_body(Publication& made, const json::object& content, std::int64_t now_ms) {
  made.updated_ms = now_ms;
  json::object whole = content;
  whole["dateUpdated"] = utc_text(now_ms);
  Answer plain = answer_of(whole);
  made.body = std::move(plain.body);
  made.etag = std::move(plain.etag);
  for (const auto& [client_key, key] : made.keys) {
    if (key.empty()) continue;
    ATTUNE_ASSIGN(const json::object hidden, experiment::encrypted_json(whole, key));
    made.encrypted[client_key] = answer_of(hidden);
  }
  return {};
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found != nullptr && found->is_string() ? found->get_string().c_str() : std::string();
}

const json::value* element(const json::object& object, std::string_view list, std::size_t at) {
  const json::value* found = object.if_contains(list);
  const json::array* all = found == nullptr ? nullptr : found->if_array();
  return all != nullptr && at < all->size() ? &(*all)[at] : nullptr;
}

/// Notes with which probability each variation of a rule or a test is given.
void note_shares(const json::value& value, const std::string& otherwise, Publication& made) {
  const json::object& split = value.get_object();
  const json::value* variations = split.if_contains("variations");
  if (variations == nullptr || !variations->is_array()) return;
  const std::size_t count = variations->get_array().size();
  const std::string key = text_in(split, "key");
  auto& shares = made.shares[key.empty() ? otherwise : key];
  for (std::size_t i = 0; i < count; ++i) {
    const json::value* meta = element(split, "meta", i);
    const json::value* weight = element(split, "weights", i);
    std::string id =
        meta != nullptr && meta->is_object() ? text_in(meta->get_object(), "key") : std::string();
    if (id.empty()) id = std::to_string(i);
    shares[id] = weight != nullptr && weight->is_number() ? weight->to_number<double>()
                                                          : 1.0 / static_cast<double>(count);
  }
}

void note_all_shares(Publication& made) {
  for (const auto& [key, feature] : made.site.payload.features) {
    const json::value* rules = feature.get_object().if_contains("rules");
    if (rules == nullptr) continue;
    for (const json::value& rule : rules->get_array()) note_shares(rule, std::string(key), made);
  }
  for (const json::value& test : made.site.experiments) note_shares(test, {}, made);
}

/// Whether a listener's key still is one of the site: of one that went nobody hears in plain.
bool is_known(const Publication& published, const Uuid& site, const std::string& client_key) {
  return client_key.empty() || client_key == site.text() || published.keys.contains(client_key);
}

Text event_of(const Publication& published, const Publisher::Listener& listener) {
  const auto hidden = published.encrypted.find(listener.client_key);
  const bool is_plain = hidden == published.encrypted.end();
  const std::string& etag = is_plain ? published.etag : hidden->second.etag;
  const std::string_view id = std::string_view(etag).substr(1, 16);
  if (listener.kind == StreamKind::growthbook) {
    return std::make_shared<const std::string>(
        fmt::format("id: {}\nevent: features\ndata: {}\n\n", id,
                    is_plain ? published.body : hidden->second.body));
  }
  return std::make_shared<const std::string>(fmt::format(
      "id: {}\ndata: {{\"type\":\"refetchEvaluation\",\"etag\":\"{}\"}}\n\n", id, id));
}

}  // namespace

/// Publications and streams; shared with streams, which connections may keep longer than us.
struct Publisher::Hub {
  class Stream final : public EventStream {
   public:
    Stream(std::shared_ptr<Hub> hub, Listener who, Text first)
        : listener(std::move(who)), hub_(std::move(hub)), pending_(std::move(first)) {}
    ~Stream() override { hub_->open.fetch_sub(1, std::memory_order_relaxed); }

    Text next() override {
      const std::lock_guard lock(mutex_);
      return std::exchange(pending_, nullptr);
    }
    void listen(std::function<void()> ready) override {
      const std::lock_guard lock(mutex_);
      ready_ = std::move(ready);
    }
    /// What was not sent yet is replaced: only the newest counts.
    void tell(Text text) {
      const std::lock_guard lock(mutex_);
      pending_ = std::move(text);
      if (ready_) ready_();
    }
    const Listener listener;

   private:
    std::shared_ptr<Hub> hub_;
    std::mutex mutex_;
    Text pending_;                  // guarded by mutex_
    std::function<void()> ready_;   // guarded by mutex_
  };
  struct Site {
    std::shared_ptr<const Publication> published;
    std::vector<std::weak_ptr<Stream>> streams;
  };

  mutable std::mutex mutex;
  std::unordered_map<Uuid, Site> sites;   // guarded by mutex
  std::map<std::string, Uuid, std::less<>> site_of_key;   // guarded by mutex
  std::atomic<std::size_t> open{0};
  std::atomic<std::uint64_t> refused{0};
  std::size_t streams_max = 0;
  std::mutex sleep_mutex;
  std::condition_variable_any sleep;
};

Publisher::Publisher(SessionPool& sessions, const Clock& clock, std::size_t streams_max)
    : sessions_(sessions), clock_(clock), hub_(std::make_shared<Hub>()) {
  hub_->streams_max = streams_max;
  auto empty = std::make_shared<Publication>();
  // Without keys nothing is encrypted, so nothing can go wrong.
  static_cast<void>(set_body(*empty, experiment::payload_json(empty->site), clock.now_ms()));
  nothing_ = std::move(empty);
}

Publisher::~Publisher() { stop(); }

std::shared_ptr<const Publication> Publisher::of(const Uuid& site) const {
  const std::lock_guard lock(hub_->mutex);
  const auto found = hub_->sites.find(site);
  const bool known = found != hub_->sites.end() && found->second.published != nullptr;
  return known ? found->second.published : nothing_;
}

std::optional<Uuid> Publisher::site_of(std::string_view client_key) const {
  const std::lock_guard lock(hub_->mutex);
  const auto found = hub_->site_of_key.find(client_key);
  if (found == hub_->site_of_key.end()) return std::nullopt;
  return found->second;
}

Result<std::shared_ptr<Publication>> Publisher::load(const Uuid& site) {
  ATTUNE_ASSIGN(const SessionPool::Lease session, sessions_.borrow());
  ATTUNE_ASSIGN(const std::vector<StoredFlag> stored, load_flags(*session, site.text()));
  ATTUNE_ASSIGN(const SiteTests tests, load_tests(*session, site.text()));
  ATTUNE_ASSIGN(const std::vector<SavedGroup> groups, load_groups(*session, site.text()));
  ATTUNE_ASSIGN(const auto connections, load_connections(*session, site.text()));
  auto made = std::make_shared<Publication>();
  for (const SdkConnection& each : connections) {
    made->keys[each.client_key] = each.encrypted ? each.encryption_key : std::string();
  }
  std::vector<experiment::Flag> flags;
  for (const StoredFlag& each : stored) {
    if (!each.is_served()) made->disabled.insert(each.flag.key);
    flags.push_back(each.flag);
    flags.back().enabled = each.is_served();
  }
  made->site = experiment::make_payload(flags, tests.running, members_by_key(groups));
  note_all_shares(*made);
  return made;
}

Result<void> Publisher::publish(const Uuid& site) {
  const std::lock_guard turn(turn_);
  ATTUNE_ASSIGN(std::shared_ptr<Publication> made, load(site));
  const json::object content = experiment::payload_json(made->site);
  made->content_hash = hash64(json::serialize(content));
  const std::shared_ptr<const Publication> before = of(site);   // ours to replace: it is our turn
  const bool is_same = before != nothing_ && before->content_hash == made->content_hash &&
                       before->disabled == made->disabled && before->keys == made->keys;
  if (is_same) return {};
  // Clients tell payloads apart by their time alone. Made before the lock: who answers need not
  // wait while it is encrypted.
  ATTUNE_TRY(set_body(*made, content, std::max(clock_.now_ms(), before->updated_ms + 1)));
  std::vector<std::shared_ptr<Hub::Stream>> listeners;
  {
    const std::lock_guard lock(hub_->mutex);
    Hub::Site& at = hub_->sites[site];
    at.published = made;
    std::erase_if(hub_->site_of_key, [&](const auto& each) { return each.second == site; });
    for (const auto& [client_key, key] : made->keys) hub_->site_of_key[client_key] = site;
    std::erase_if(at.streams, [](const auto& weak) { return weak.expired(); });
    for (const auto& weak : at.streams) {
      if (auto stream = weak.lock()) listeners.push_back(std::move(stream));
    }
  }
  std::map<std::pair<StreamKind, std::string>, Text> texts;   // one for all who hear the same
  for (const auto& stream : listeners) {
    const Listener& who = stream->listener;
    if (!is_known(*made, site, who.client_key)) continue;
    const bool is_hidden = made->encrypted.contains(who.client_key);
    Text& text = texts[{who.kind, is_hidden ? who.client_key : std::string()}];
    if (text == nullptr) text = event_of(*made, who);
    stream->tell(text);
  }
  return {};
}

Result<Publisher::Marks> Publisher::read_marks() {
  ATTUNE_ASSIGN(const SessionPool::Lease session, sessions_.borrow());
  Marks marks;
  for (const std::string_view file : {"serve/flag_marks", "serve/test_marks",
                                      "serve/saved_group_marks", "serve/sdk_connection_marks"}) {
    ATTUNE_ASSIGN(const store::Rows rows, session->query(file, {}));
    for (const auto& row : rows.rows) {
      RowReader reader(row);
      std::string& mark = marks[reader.take<std::string>()];
      const auto count = reader.take<std::int64_t>();
      const auto versions = reader.take<std::int64_t>();
      mark += fmt::format("{}/{}/{};", count, versions, reader.take<store::Timestamp>().us);
    }
  }
  return marks;
}

Result<void> Publisher::refresh() {
  ATTUNE_ASSIGN(Marks now, read_marks());
  Marks before;
  {
    const std::lock_guard turn(turn_);
    before = marks_;
  }
  std::vector<std::string> changed;
  for (const auto& [site, mark] : now) {
    const auto known = before.find(site);
    if (known == before.end() || known->second != mark) changed.push_back(site);
  }
  for (const auto& [site, mark] : before) {
    if (!now.contains(site)) changed.push_back(site);
  }
  for (const std::string& site : changed) {
    if (const auto id = Uuid::parse(site)) ATTUNE_TRY(publish(*id));
  }
  const std::lock_guard turn(turn_);
  marks_ = std::move(now);
  return {};
}

void Publisher::start(std::int64_t every_ms, std::function<void(const Error&)> on_error) {
  thread_ = std::jthread([this, every_ms, on_error = std::move(on_error)](
                             const std::stop_token& stopped) {
    name_thread("publisher");
    std::string problem;
    while (!stopped.stop_requested()) {
      const auto done = refresh();
      const std::string now = done ? std::string() : done.error().message();
      if (!now.empty() && now != problem) on_error(done.error());
      problem = now;
      std::unique_lock lock(hub_->sleep_mutex);
      hub_->sleep.wait_for(lock, stopped, std::chrono::milliseconds(every_ms),
                           [] { return false; });
    }
  });
}

void Publisher::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

Result<std::shared_ptr<EventStream>> Publisher::open_stream(const Uuid& site, Listener listener) {
  if (hub_->open.fetch_add(1, std::memory_order_relaxed) >= hub_->streams_max) {
    hub_->open.fetch_sub(1, std::memory_order_relaxed);
    hub_->refused.fetch_add(1, std::memory_order_relaxed);
    return fail(ErrorCode::resource_exhausted, "too many streams are open: ask again later");
  }
  const std::lock_guard lock(hub_->mutex);
  Hub::Site& at = hub_->sites[site];
  const Publication& published = at.published ? *at.published : *nothing_;
  if (!is_known(published, site, listener.client_key)) {
    hub_->open.fetch_sub(1, std::memory_order_relaxed);
    return fail(ErrorCode::not_found, "there is no such client key any more");
  }
  // What changed between a client's fetch and this moment would be lost: an SDK gets the payload
  // as it is now, and ignores it when it has it; an OFREP client hears of it when it comes back.
  const std::string_view id = std::string_view(published.etag).substr(1, 16);
  const bool is_told = listener.kind == StreamKind::growthbook ||
                       (!listener.last_id.empty() && listener.last_id != id);
  static const Text kHello = std::make_shared<const std::string>(":\n\n");
  Text first = is_told ? event_of(published, listener) : kHello;
  auto stream = std::make_shared<Hub::Stream>(hub_, std::move(listener), std::move(first));
  std::erase_if(at.streams, [](const auto& weak) { return weak.expired(); });
  at.streams.push_back(stream);
  return std::shared_ptr<EventStream>(std::move(stream));
}

void Publisher::collect(std::vector<MetricFamily>& out) const {
  MetricSample open;
  open.name = "attune_flag_streams_open";
  open.help = "Streams that wait for changes of flags.";
  open.type = MetricSample::Type::gauge;
  open.value = static_cast<double>(hub_->open.load(std::memory_order_relaxed));
  MetricSample refused;
  refused.name = "attune_flag_streams_refused_total";
  refused.help = "Streams refused because too many were open.";
  refused.type = MetricSample::Type::counter;
  refused.value = static_cast<double>(hub_->refused.load(std::memory_order_relaxed));
  add_samples(out, {open, refused});
}

}  // namespace attune::serve
