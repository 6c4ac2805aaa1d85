// Umami's ingestion endpoints, so that its tracker and @umami/node work unchanged:
// POST /api/send (one) and POST /api/batch (an array). docs/formats/events.md, section "Umami".
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "collect/enrich.h"
#include "collect/request.h"
#include "event/site_directory.h"

namespace attune::collect {

/// What to answer once `batch` is durable (at once when it is empty).
struct UmamiAnswer {
  int status = 200;
  std::string body;            // JSON
  journal::RecordBatch batch;  // may be empty: a bot, an error
  std::size_t accepted_count = 0;
  std::size_t rejected_count = 0;
  Uuid site;
};

class UmamiCollector {
 public:
  /// secret     signs the x-umami-cache token (HS256) and keys session ids; at least 16 bytes, kept
  ///            over restarts.
  /// enricher   outlives this object.
  UmamiCollector(const Enricher& enricher, IntakeLimits limits, std::string secret);
  ~UmamiCollector();

  /// POST /api/send. Threads  any.
  UmamiAnswer send(const event::SiteSnapshot& sites, const RequestContext& context,
                   std::string_view body) const;

  /// POST /api/batch: every element as by `send`, with the same context. Threads  any.
  UmamiAnswer batch(const event::SiteSnapshot& sites, const RequestContext& context,
                    std::string_view body) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Umami's error shape, for what the server itself refuses on these paths.
std::string umami_error_json(int status, std::string_view message);

}  // namespace attune::collect
