// How long after a decision its outcomes are credited to it: the settings', or a site's own
// (docs/etl.md, section 10).
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/result.h"
#include "base/uuid.h"
#include "etl/settings.h"
#include "store/store.h"

namespace attune::etl {

struct Window {
  std::int64_t click_ms = 0;     // decision to its click
  std::int64_t purchase_ms = 0;  // click to its purchase
};

class Windows {
 public:
  explicit Windows(const Settings& settings);

  /// Reads the sites' own.
  [[nodiscard]] Result<void> load(store::Session& session);

  const Window& of(const Uuid& site) const;
  /// The longest of all.
  const Window& widest() const { return widest_; }

 private:
  Window standard_;
  Window widest_;
  std::unordered_map<Uuid, Window> sites_;
};

}  // namespace attune::etl
