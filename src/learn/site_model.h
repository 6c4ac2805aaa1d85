// What training makes for one strategy of a site: the model, the names of its items, and how it
// came about. One artefact on disk; read whole, checked, and then never changed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "learn/catalogue.h"
#include "learn/model_params.h"
#include "learn/models.h"
#include "learn/session_log.h"
#include "learn/recommender.h"

namespace attune::learn {

struct SiteModel {
  std::string site_id;   // website.website_id
  std::string strategy;  // "sequential", "item_to_item", ...: learn/strategy.h
  std::string version;  // "20261121-093000-4f2a91c3": time of training, hash of content
  ModelParams params;
  std::int64_t trained_ms = 0;
  std::int64_t data_begin_ms = 0;  // oldest and newest click it was trained on
  std::int64_t data_end_ms = 0;
  std::uint64_t sessions = 0;
  std::uint64_t clicks = 0;
  std::vector<std::string> item_ids;  // number -> id, ascending
  std::unique_ptr<Recommender> model;
};

/// Trains on the whole log; the strategy is the one of the parameters. Deterministic: the same
/// input gives the same version and bytes.
SiteModel make_site_model(const SessionLog& log, const ModelParams& params, std::string site_id,
                          std::int64_t trained_ms, const Catalogue& catalogue = {},
                          const NeuralTrainer& neural = {});

/// Errors   as write_artefact.
[[nodiscard]] Result<void> save_site_model(FileSystem& files, const SiteModel& model,
                                           const std::string& path);

/// A file of format version 1 holds a sequential model.
/// Errors   as read_artefact; data_loss also: the content is not consistent.
[[nodiscard]] Result<std::unique_ptr<SiteModel>> load_site_model(FileSystem& files,
                                                                 const std::string& path);

}  // namespace attune::learn
