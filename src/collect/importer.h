// One small interface over every file we can import: a line in, an event as native JSON out, or the
// reason why not. The command turns the JSON lines into batches for a collector, here or on a
// running server, so an imported event passes the same validation, redaction and enrichment as a
// live one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace attune::collect {

enum class LineStatus : std::uint8_t {
  accepted,  // an event was written
  skipped,   // understood, and not an event by the rules of the format (an image, a header)
  rejected,  // not understood: goes to the side file
};

struct LineResult {
  LineStatus status = LineStatus::rejected;
  std::string_view
      reason;  // static text, a word to count by: "image", "bad_time"; empty if accepted
};

class LineImporter {
 public:
  virtual ~LineImporter() = default;

  /// Reads the next line of the file, without its line end (a '\r' before it is ignored).
  ///
  /// event_json  when accepted, one JSON object of docs/formats/events.md without `site` is
  /// appended. Threads     one importer belongs to one file and one thread; lines come in file
  /// order.
  virtual LineResult read(std::string_view line, std::string& event_json) = 0;
};

/// What the importers must know besides the lines.
struct ImportOptions {
  std::string domain;       // host of the site, for files that have only paths: "shop.example"
  std::string visitor_key;  // 16 bytes or more, random, thrown away after the import: visitors of
                            // an access log are a keyed hash of address and user agent
};

/// Common or combined log lines of Apache and nginx: successful GETs of pages become pageviews.
/// collect/access_log.cpp lists what is skipped, and why.
std::unique_ptr<LineImporter> make_access_log_importer(ImportOptions options);

/// `SessionId ItemId Time` (unix seconds), tab separated, with that header: product views.
std::unique_ptr<LineImporter> make_session_file_importer();

/// Our NDJSON: one event object a line, as for POST /api/v1/events.
std::unique_ptr<LineImporter> make_ndjson_importer();

/// Rows of user_product_interactions as CSV (RFC 4180, a line a row) with a header: user_id,
/// product_id and interaction_type, and if there session_id, timestamp, price, quantity. Other
/// columns are left out. The JSON is an interaction of the API, not an event.
std::unique_ptr<LineImporter> make_interaction_importer();

}  // namespace attune::collect
