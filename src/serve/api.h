// Everything the server answers, put together: one `Api` owns the router, its worker threads and
// the handlers over the parts it is given. Needs no socket: the commands call it on a stopped
// folder.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "campaign/generation.h"
#include "collect/admission.h"
#include "collect/native.h"
#include "collect/umami.h"
#include "etl/retention.h"
#include "event/decision_sink.h"
#include "event/exposure_sink.h"
#include "journal/journal.h"
#include "serve/control_plane.h"
#include "serve/jobs.h"
#include "serve/operations.h"
#include "serve/router.h"
#include "store/store.h"

namespace attune::decide {
class BanditBook;
class Decider;
}

namespace attune::serve {

class Publisher;

/// What the routes work on. All outlive the Api.
struct ApiParts {
  const Clock* clock = nullptr;
  store::Store* store = nullptr;
  journal::Journal* journal = nullptr;
  ControlPlane* control = nullptr;
  const collect::Enricher* enricher = nullptr;
  const collect::NativeCollector* native = nullptr;
  const collect::UmamiCollector* umami = nullptr;
  collect::Admission* admission = nullptr;
  decide::Decider* decider = nullptr;  // null: recommendations answer 503
  const decide::BanditBook* bandits = nullptr;  // null: content slots answer 503
  event::DecisionSink* decisions = nullptr;     // null: what slots show is not recorded
  event::ExposureSink* exposures = nullptr;  // null: exposures answer 503
  std::mutex* test_turn = nullptr;     // held while tests are worked on; null: nobody else does
  std::mutex* profile_turn = nullptr;  // held while profiles are computed; null: nobody else does
  Operations operations;
};

struct ApiOptions {
  std::string public_url;  // "https://stats.example"; empty: from the Host header
  std::string listen_url;  // "http://127.0.0.1:8080": the same for who comes by the control socket
  bool trust_proxy = false;
  bool demo = false;               // serve /demo/
  std::string demo_site;           // site id that the demo pages carry
  std::size_t worker_threads = 3;  // 0: no pool, handlers run on the calling thread
  std::size_t worker_queue_max = 256;
  std::size_t event_body_bytes_max = 1 << 20;
  std::size_t import_body_bytes_max = 32 << 20;
  etl::DefaultLimits retention;    // where a site says nothing
  campaign::Generator generator;   // of drafts; off unless it is set up
};

class Api {
 public:
  Api(ApiParts parts, ApiOptions options);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  const Router& router() const;
  JobBoard& jobs();
  /// What sites publish of their flags and tests; whoever changes those may ask it to look now.
  Publisher& publisher();
  /// Brings what the content slots of all sites earned into the tables. For the scheduler.
  [[nodiscard]] Result<void> refresh_content();
  /// Looks for insights of all accounts, in a job.
  /// Errors   as JobBoard::start.
  [[nodiscard]] Result<void> find_insights();
  /// Brings the advice of all accounts up to date, in a job.
  /// Errors   as JobBoard::start.
  [[nodiscard]] Result<void> refresh_advice();
  /// Adds what /metrics shows besides routes and `Operations::metrics` (the server's own counters).
  void add_metrics(std::function<void(std::vector<MetricFamily>&)> source);
  /// Asks running jobs to stop and waits. Call before the parts go away and after the server
  /// stopped.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attune::serve
