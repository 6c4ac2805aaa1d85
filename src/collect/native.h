// POST /api/v1/events: Attune's own event JSON, one event or a batch, to validated, enriched and
// redacted journal records. docs/formats/events.md is the specification.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "collect/enrich.h"
#include "collect/request.h"
#include "event/site_directory.h"

namespace simdjson::dom {
class element;
}

namespace attune::collect {

class NativeCollector {
 public:
  /// enricher   outlives this object.
  NativeCollector(const Enricher& enricher, IntakeLimits limits);
  ~NativeCollector();

  /// Reads a request body. Good events of a batch are kept; each bad one has an error with its
  /// field.
  ///
  /// body     an event object, an array of them, or {"site":..,"events":[..]}; JSON whatever the
  ///          content type says, because sendBeacon sends text/plain.
  /// Errors (in Intake::refused)
  ///   invalid_argument    no JSON at all, no events, or a body of another shape
  ///   resource_exhausted  longer than body_bytes_max or more than batch_events_max events (413)
  /// Errors (in a verdict)
  ///   invalid_argument    a field breaks a rule; unknown site; in a list: not JSON, not UTF-8, too
  ///                       deep
  ///   permission_denied   the site does not allow this origin, or the key is of another site
  /// Threads  any.
  Intake collect(const event::SiteSnapshot& sites, const RequestContext& context,
                 std::string_view body) const;

  const IntakeLimits& limits() const { return limits_; }

 private:
  struct Scratch;
  class ScratchPool;

  void collect_with(Scratch& scratch, const event::SiteSnapshot& sites,
                    const RequestContext& context, std::string_view body, Intake& intake) const;
  /// For a body that is not JSON: reads it without those events that are not.
  /// Returns  their errors by index; empty: the body as a whole is beyond repair.
  std::map<std::size_t, Error> parse_mended(Scratch& scratch, std::string_view body,
                                            simdjson::dom::element& root) const;
  void add_event(Scratch& scratch, const event::SiteSnapshot& sites,
                 const simdjson::dom::element* outer, const simdjson::dom::element& element,
                 std::string_view prefix, Intake& intake) const;

  const Enricher& enricher_;
  IntakeLimits limits_;
  std::unique_ptr<ScratchPool> pool_;
};

/// The JSON answer to a request that was not refused as a whole: accepted, rejected, results; with
/// an "error" member when nothing was accepted (the answer is a 400 then).
std::string answer_json(const Intake& intake);

}  // namespace attune::collect
