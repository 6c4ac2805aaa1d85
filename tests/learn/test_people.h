// Data of people with tastes, for tests of what knows people.
#pragma once

#include <fmt/core.h>

#include "base/random.h"
#include "learn/training_data.h"
#include "test_log.h"

namespace attune::learn {

/// Four clicks an hour by one of `people`, each of whom keeps to 10 of 60 items.
inline TrainingData data_of_people(std::size_t people = 60, int visits = 400) {
  TrainingData data;
  Random random(5);
  SessionLogBuilder builder;
  for (int v = 0; v < visits; ++v) {
    const std::size_t person = random.below(people);
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t item = (person % 6) * 10 + random.below(10);
      builder.add(fmt::format("v{:05}", v), fmt::format("item-{:03}", item),
                  kTestStartMs + v * std::int64_t{3'600'000} + std::int64_t(i) * 20'000,
                  ClickKind::view, static_cast<std::int64_t>(person) + 1);
    }
  }
  data.log = std::move(*builder.build({.merge_repeats = true}));
  for (const std::string& id : data.log.item_ids) {
    CatalogueItem item;
    item.id = id;
    item.name = id;
    item.category = id.substr(0, 6);
    data.catalogue.push_back(item);
  }
  return data;
}

}  // namespace attune::learn
