#include "decide/reason.h"

#include <fmt/core.h>

namespace attune::decide {
namespace {

const std::string& name_of(const SnapshotItem& item) {
  return item.product.name.empty() ? item.product.id : item.product.name;
}

std::string visits_text(std::uint32_t count, std::string_view kind) {
  return fmt::format("{} {}{}", count, kind, count == 1 ? "" : "s");
}

std::string popular_reason(const PopularItem& item) {
  if (item.week_visits == 0) return "popular here, though not lately";
  return fmt::format("popular this week: {}", visits_text(item.week_visits, "visit"));
}

}  // namespace

std::string reason_for(const SiteView& view, const Candidate& candidate,
                       const CandidateScratch& scratch) {
  switch (candidate.strategy) {
    case Strategy::popular:
      return popular_reason(*candidate.popular);
    case Strategy::catalogue:
      return "from the catalogue: no visits yet";
    case Strategy::sequential:
      break;
  }
  const learn::SiteModel& model = *view.snapshot->model();
  const learn::Support support = model.model->support(candidate.number, scratch.model);
  if (support.via == learn::kNoItem) return "goes with what this visit looked at";
  const std::string& via = name_of(view.snapshot->item(support.via));
  if (support.visits_after > 0) {
    return fmt::format("{} that looked at '{}' went on to this",
                       visits_text(support.visits_after, "similar visit"), via);
  }
  return fmt::format("{} that looked at '{}' also looked at this",
                     visits_text(support.visits, "similar visit"), via);
}

}  // namespace attune::decide
