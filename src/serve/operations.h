// What the API can start or ask but whose engine is wired elsewhere (src/app): a struct of
// functions. A function left empty makes its route answer 503 "not available in this process".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "event/site_directory.h"
#include "store/store.h"
#include "serve/jobs.h"

namespace attune::serve {

/// One number for /metrics, sampled when scraped. `name` follows Prometheus (attune_journal_bytes).
struct MetricSample {
  enum class Type : std::uint8_t { counter, gauge };
  std::string name;
  std::string help;  // its definition, one sentence
  Type type = Type::gauge;
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
};

/// Whether one part can do its work; /readyz answers 200 when all are ready.
struct Readiness {
  std::string part;  // "journal", "store", "etl"
  bool ready = false;
  std::string detail;  // "lag 0.2 s", "disk full"
};

struct TrainOptions {
  std::string strategy;   // empty: all, unless `algorithm` names one
  std::string algorithm;  // "NAME:key=value,...": learn::parse_params; empty: the default
};

struct EvaluateOptions {
  std::string strategy;               // empty: all
  std::string protocol = "next-item";
  std::uint32_t resamples = 1000;
};

struct TuneOptions {
  std::string strategy;
  std::uint32_t trials = 40;
  std::uint32_t seconds = 600;
  bool reset = false;
};

/// One of the steps that the analytics schema has as procedures.
struct EtlRequest {
  enum class Action : std::uint8_t { process, sessions, daily, cleanup };
  Action action = Action::process;
  std::int64_t batch_size = 1000;      // process: rows of one call
  std::int32_t start_day = 0;          // daily: days since 1970
  std::int32_t end_day = 0;            // the last one
  std::int64_t retention_days = 90;    // cleanup
};

enum class MaintainPeriod : std::uint8_t { daily, weekly, monthly };
constexpr std::string_view to_string(MaintainPeriod period) {
  if (period == MaintainPeriod::daily) return "daily";
  return period == MaintainPeriod::weekly ? "weekly" : "monthly";
}

enum class BanditAction : std::uint8_t { freeze, thaw, reset };

struct EraseRequest {
  bool everything = false;   // the site
  std::string visitor;
  std::string user;
};

struct Operations {
  // Long work; runs on a job's thread, reports through `JobProgress`, returns the JSON of
  // `job.result`.

  /// POST /api/v1/sites/{site}/train {"strategy":s?,"algorithm":s?}
  /// result: {"models":[{"strategy":s,"version":s,"algorithm":s,"sessions":n,"items":n,
  /// "metrics":{..},"promoted":bool,..}],"failed":[{"strategy":s,"message":s}],"promoted":bool,
  /// "verdict":s}
  std::function<Result<std::string>(const event::Site&, const TrainOptions&, JobProgress&)> train;

  /// POST /api/v1/sites/{site}/evaluate: learn::evaluate_site
  /// result: {"text":s,"report":{..}}
  std::function<Result<std::string>(const event::Site&, const EvaluateOptions&, JobProgress&)>
      evaluate;

  /// POST /api/v1/sites/{site}/tune: learn::tune_site
  /// result: {"text":s,"report":{..}}
  std::function<Result<std::string>(const event::Site&, const TuneOptions&, JobProgress&)> tune;

  /// POST /api/v1/replay: rebuilds every derived table from the journal.
  /// result: {"records":n,"seconds":x,"tables":{"pageviews":n,..}}
  std::function<Result<std::string>(JobProgress&)> replay;

  /// POST /api/v1/check: reads the whole journal and holds the tables against it.
  /// result:
  /// {"ok":bool,"journal":{"records":n,"bytes":n,"damage":[..]},"tables":[{"table","ok","detail"}]}
  std::function<Result<std::string>(JobProgress&)> check;

  /// POST /api/v1/backup {"to":folder}: copies the data folder, for who owns it.
  /// result: {"to":s,"files":n,"bytes":n,"tables":n,"rows":n,"journal":{..},"seconds":x}
  std::function<Result<std::string>(const std::string& to, JobProgress&)> backup;

  /// GET /api/v1/status/database: backlog, rate, errors, tables, indexes, statements.
  std::function<Result<std::string>()> database_status;

  /// POST /api/v1/etl/{action}: process, sessions, daily, cleanup.
  /// result: {"processed":n,"unprocessed":n}, {"open_sessions":n}, {"days":n} or {"removed":n}
  std::function<Result<std::string>(const EtlRequest&, JobProgress&)> etl;

  /// POST /api/v1/sites/{site}/erase {"visitor":s?,"user":s?}, DELETE /api/v1/sites/{site}:
  /// takes a person or the site out of everything.
  /// result: {"tables":{"events_log":n,..},"journal":{"records":n,..},"seconds":x}
  std::function<Result<std::string>(const event::Site&, const EraseRequest&, JobProgress&)> erase;

  /// POST /api/v1/sites/{site}/graph/refresh; of all sites: POST /api/v1/graph/refresh.
  /// result: {"sites":n,"edges":{"VIEWED":n,..}}
  std::function<Result<std::string>(const std::optional<Uuid>&, JobProgress&)> refresh_graph;

  /// POST /api/v1/maintain {"period":"daily|weekly|monthly"}; a longer one does the shorter too.
  /// result: {"period":s,"removed":[{"site","table","rows"}],..}
  std::function<Result<std::string>(MaintainPeriod, JobProgress&)> maintain;

  /// POST /api/v1/archive: moves rows past their cold age into files.
  /// result: {"rows":n,"files":[{"site","month","rows","bytes"}]}
  std::function<Result<std::string>(JobProgress&)> archive;
  /// POST /api/v1/query {"sql","archive":true}: archived rows too; on PostgreSQL those alone.
  std::function<Result<store::Rows>(std::string_view, const store::QueryOptions&)> query_archive;

  /// GET /api/v1/sites/{site}/bandits: {"bandits":[{"placement":s,"policy":s,"updates":n,..}]}
  std::function<Result<std::string>(const Uuid&)> bandits;
  /// POST /api/v1/sites/{site}/bandits {"placement":s,"action":"freeze|thaw|reset"}
  std::function<Result<void>(const Uuid&, std::string_view placement, BanditAction)> change_bandit;

  /// POST /api/v1/sites/{site}/models/promote {"strategy":s,"version":s} and .../rollback, which
  /// names no version: the one that served before. Returns when the decider has it.
  /// result: {"strategy":s,"version":s,"status":"production"}
  std::function<Result<std::string>(const event::Site&, std::string_view strategy,
                                    std::string_view version)>
      serve_model;

  // Quick questions; may be called by any worker thread, several at a time.

  /// GET /api/v1/status: a JSON object, at least
  /// {"version":s,"started_at":iso,"uptime_seconds":n,"data_dir":s,
  ///  "journal":{"first":n,"durable_end":n,"bytes":n,"state":"ok|disk_full|stopped"},
  ///  "etl":{"position":n,"lag_records_bytes":n,"lag_seconds":x,"records":n},
  ///  "store":{"bytes":n},"memory_bytes":n}
  std::function<Result<std::string>()> status;

  /// For /readyz. Must not block (io threads call it).
  std::function<std::vector<Readiness>()> readiness;

  /// For /metrics: numbers of journal, ETL, store, deciders.
  std::function<std::vector<MetricSample>()> metrics;

  /// A site was created, changed or deleted (on the thread that did it, after it is committed).
  std::function<void(const event::Site&)> site_changed;

  /// Products of a site were stored or changed (PUT .../products), after the commit.
  std::function<void(const event::Site&)> products_changed;

  /// Placements or rules of a site were stored or deleted, after the commit; serves them when it
  /// returns.
  std::function<Result<void>(const event::Site&)> rules_changed;
};

}  // namespace attune::serve
