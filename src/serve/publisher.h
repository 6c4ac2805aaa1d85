// What each site has published of its flags and tests, in memory for every thread that answers; and
// the open streams that are told when it changes. The tables are the truth: whatever changes them,
// this process or another, is in service within a second.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "experiment/payload.h"
#include "serve/http.h"
#include "serve/metrics.h"
#include "serve/session_pool.h"

namespace attune::serve {

/// What is answered to one client key.
struct Answer {
  std::string body;   // of GET features
  std::string etag;   // of the body, quoted
};

/// Immutable; swapped whole.
struct Publication {
  experiment::SitePayload site;
  std::unordered_set<std::string> disabled;   // flags whose kill switch is thrown
  /// By test and variation: with which probability it is given.
  std::unordered_map<std::string, std::unordered_map<std::string, double>> shares;
  std::string body;      // in plain
  std::string etag;      // of the body, quoted
  /// By client key, of keys that get it encrypted; the site's id stands for its public key too.
  std::map<std::string, Answer, std::less<>> encrypted;
  std::map<std::string, std::string> keys;   // all client keys of its own: key of the encryption,
                                             // empty: in plain
  std::int64_t updated_ms = 0;   // dateUpdated
  std::uint64_t content_hash = 0;
};

enum class StreamKind : std::uint8_t { growthbook, ofrep };

class Publisher {
 public:
  /// streams_max   open at a time, over all sites; one more is refused.
  Publisher(SessionPool& sessions, const Clock& clock, std::size_t streams_max = 1000);
  ~Publisher();

  /// What the site publishes; never null. Threads  any.
  std::shared_ptr<const Publication> of(const Uuid& site) const;

  /// The site of a client key that was made for an SDK; nothing: there is none.
  std::optional<Uuid> site_of(std::string_view client_key) const;

  /// Reads the site's rows and puts them in service; streams hear of it when something changed.
  [[nodiscard]] Result<void> publish(const Uuid& site);
  /// Publishes every site whose rows have changed since the last time.
  [[nodiscard]] Result<void> refresh();
  /// Refreshes every `every_ms` on a thread of its own until `stop`. Tells of an error once, and
  /// again when it is another.
  void start(std::int64_t every_ms, std::function<void(const Error&)> on_error);
  void stop();

  /// Who listens to a stream.
  struct Listener {
    StreamKind kind = StreamKind::growthbook;
    std::string client_key = {};   // of Publication::encrypted, or any other
    std::string last_id = {};      // what an OFREP client heard last (Last-Event-ID), or empty
  };
  /// Errors   resource_exhausted: too many streams are open; not_found: the key went meanwhile.
  [[nodiscard]] Result<std::shared_ptr<EventStream>> open_stream(const Uuid& site,
                                                                 Listener listener);
  void collect(std::vector<MetricFamily>& out) const;

 private:
  struct Hub;
  using Marks = std::map<std::string, std::string>;   // by site: changes with its rows

  Result<Marks> read_marks();
  Result<std::shared_ptr<Publication>> load(const Uuid& site);

  SessionPool& sessions_;
  const Clock& clock_;
  std::shared_ptr<Hub> hub_;
  std::shared_ptr<const Publication> nothing_;
  std::mutex turn_;   // one load at a time, so that an older one does not replace a newer
  Marks marks_;       // guarded by turn_
  std::jthread thread_;
};

}  // namespace attune::serve
