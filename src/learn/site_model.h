// What training makes for one site: the sequential model, the names of its items, and how good it was on
// data it had not seen. One file on disk; read whole, checked, and then never changed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "learn/model_params.h"
#include "learn/session_log.h"
#include "learn/session_model.h"

namespace attune::learn {

struct SiteModel {
  std::string site_id;                     // website.website_id
  std::string version;                     // "20261121-093000-4f2a91c3": time of training, hash of content
  ModelParams params;
  std::int64_t trained_ms = 0;
  std::int64_t data_begin_ms = 0;          // oldest and newest click it was trained on
  std::int64_t data_end_ms = 0;
  std::uint64_t sessions = 0;
  std::uint64_t clicks = 0;
  std::vector<std::string> item_ids;       // number -> id, ascending
  std::unique_ptr<SessionModel> model;
};

/// Errors   as write_artefact.
[[nodiscard]] Result<std::uint64_t> save_site_model(const SiteModel& model, const std::string& path);

/// Errors   not_found, unavailable: the file; data_loss: cut, altered, or not a model of Attune;
///          failed_precondition: written by a newer version.
[[nodiscard]] Result<std::unique_ptr<SiteModel>> load_site_model(const std::string& path);

}  // namespace attune::learn
