#include "etl/windows.h"

#include <algorithm>
#include <variant>

namespace attune::etl {

Windows::Windows(const Settings& settings)
    : standard_{settings.click_window_ms, settings.conversion_window_ms}, widest_(standard_) {}

Result<void> Windows::load(store::Session& session) {
  sites_.clear();
  widest_ = standard_;
  const auto take = [this](std::span<const store::Value> row) -> Result<void> {
    const auto id = Uuid::parse(std::get<std::string>(row[0]));
    if (!id) return {};
    Window window = standard_;
    if (const auto* min = std::get_if<std::int64_t>(&row[1])) window.click_ms = *min * kMinuteMs;
    if (const auto* hours = std::get_if<std::int64_t>(&row[2])) {
      window.purchase_ms = *hours * kHourMs;
    }
    widest_.click_ms = std::max(widest_.click_ms, window.click_ms);
    widest_.purchase_ms = std::max(widest_.purchase_ms, window.purchase_ms);
    sites_[*id] = window;
    return {};
  };
  ATTUNE_TRY(session.scan("etl/windows.load", {}, take));
  return {};
}

const Window& Windows::of(const Uuid& site) const {
  const auto at = sites_.find(site);
  return at == sites_.end() ? standard_ : at->second;
}

}  // namespace attune::etl
