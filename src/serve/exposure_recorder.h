// Exposures on their way to the journal. A server that evaluates flags would write one for each
// request of a person; the first counts, so what was written a while ago is not written again.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "event/exposure_sink.h"
#include "experiment/evaluate.h"
#include "serve/publisher.h"

namespace attune::serve {

class ExposureRecorder {
 public:
  /// sink      null: nothing is journalled.
  /// places    remembered exposures; a power of two. Those that are forgotten are written again,
  ///           which costs journal and changes no result.
  ExposureRecorder(event::ExposureSink* sink, const Clock& clock, std::size_t places = 1 << 17);

  /// Fills in the propensity from what the site publishes, cuts what is too long.
  /// Returns  whether it is new.
  /// Errors   those of the sink: then it is not remembered.
  /// Threads  any.
  [[nodiscard]] Result<bool> record(event::Exposure exposure, const Publication& published);

 private:
  static constexpr std::size_t kWays = 4;
  struct Place {
    std::uint64_t key = 0;   // 0: free
    std::int64_t time_ms = 0;
  };
  bool is_known(std::uint64_t key, std::int64_t now_ms);
  void forget(std::uint64_t key);

  event::ExposureSink* sink_;
  const Clock& clock_;
  std::mutex mutex_;
  std::vector<Place> places_;   // guarded by mutex_
};

/// What results are broken down by, of attributes that clients send: an object, or empty.
std::string exposure_dimensions(const boost::json::object& attributes);

/// The exposure of an assignment by chance; nothing when nobody can be named.
std::optional<event::Exposure> exposure_of(const experiment::Assignment& made,
                                           std::string_view test,
                                           const boost::json::object& attributes);

}  // namespace attune::serve
