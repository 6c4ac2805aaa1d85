#include "decide/reason.h"

#include <fmt/core.h>

namespace attune::decide {
namespace {

const std::string& name_of(const SnapshotItem& item) {
  return item.product.name.empty() ? item.product.id : item.product.name;
}

std::string count_text(std::uint32_t count, std::string_view kind) {
  return fmt::format("{} {}{}", count, kind, count == 1 ? "" : "s");
}

std::string popular_reason(const SiteView& view, const Candidate& candidate) {
  if (candidate.popular != nullptr) {
    const std::uint32_t visits = candidate.popular->week_visits;
    if (visits == 0) return "popular here, though not lately";
    return fmt::format("popular this week: {}", count_text(visits, "visit"));
  }
  const SnapshotItem& item = view.snapshot->item(candidate.number);
  if (item.week_visits == 0) return fmt::format("popular in {}", item.product.category);
  return fmt::format("popular in {}: {}", item.product.category,
                     count_text(item.week_visits, "visit"));
}

std::string visits_reason(const learn::Cause& cause, const std::string& via) {
  if (cause.after > 0) {
    return fmt::format("{} that looked at '{}' went on to this",
                       count_text(cause.after, "similar visit"), via);
  }
  return fmt::format("{} that looked at '{}' also looked at this",
                     count_text(cause.count, "similar visit"), via);
}

/// What two items have in common, as the catalogue says.
std::string common_text(const SnapshotItem& item, const SnapshotItem& via) {
  std::string text;
  if (item.brand != 0 && item.brand == via.brand) text = "same brand";
  if (item.category != 0 && item.category == via.category) {
    text += text.empty() ? "same category" : " and category";
  }
  return text.empty() ? text : ": " + text;
}

std::string model_reason(const SiteView& view, const Candidate& candidate, const Source& source) {
  const ServedModel& served = *source.model;
  const learn::Cause cause = served.model->model->cause(
      served.from_snapshot[candidate.number], *source.scratch);
  if (cause.via == learn::kNoItem) return "goes with what this visit looked at";
  const SnapshotItem& via_item = view.snapshot->item(served.to_snapshot[cause.via]);
  const std::string& via = name_of(via_item);
  switch (cause.kind) {
    case learn::Cause::Kind::visits:
      return visits_reason(cause, via);
    case learn::Cause::Kind::viewed_together:
      return fmt::format("{} of the {} who looked at '{}' also looked at this", cause.count,
                         count_text(cause.of, "visitor"), via);
    case learn::Cause::Kind::bought_together:
      return fmt::format("bought together with '{}' by {} of {}", via, cause.count,
                         count_text(cause.of, "buyer"));
    case learn::Cause::Kind::taken_together:
      return fmt::format("people who took '{}' take this too", via);
    case learn::Cause::Kind::connected:
      return fmt::format("connected with '{}' by what people looked at", via);
    case learn::Cause::Kind::similar:
      return fmt::format("similar to '{}'{}", via,
                         common_text(view.snapshot->item(candidate.number), via_item));
    case learn::Cause::Kind::none:
      break;
  }
  return fmt::format("goes with '{}'", via);
}

}  // namespace

std::string reason_for(const SiteView& view, const Candidate& candidate,
                       const CandidateScratch& scratch) {
  const Source& source = scratch.sources[candidate.source];
  if (source.name == kPopular) return popular_reason(view, candidate);
  if (source.name == kCatalogue) {
    return view.snapshot->item(candidate.number).decayed_visits > 0
               ? "from the catalogue"
               : "from the catalogue: no visits yet";
  }
  if (source.name == kSearch) return "fits the search";
  return model_reason(view, candidate, source);
}

}  // namespace attune::decide
