#include "learn/registry.h"

#include <array>
#include <chrono>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "learn/site_model.h"
#include "store/transaction.h"

namespace attune::learn {
namespace {

std::string text_of(const store::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string{} : *text;
}

std::int64_t time_ms_of(const store::Value& value) {
  const auto* time = std::get_if<store::Timestamp>(&value);
  return time == nullptr ? 0 : time->us / 1000;
}

/// "2026-11-21T09:30:00Z"
std::string iso_text(std::int64_t time_ms) {
  using namespace std::chrono;
  const sys_seconds time{seconds{time_ms / 1000}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

ActiveModel model_of(const std::vector<store::Value>& row) {
  return {.strategy = text_of(row[0]),
          .version = text_of(row[1]),
          .artefact_path = text_of(row[2]),
          .algorithm = text_of(row[4]),
          .trained_ms = time_ms_of(row[5]),
          .status = text_of(row[6])};
}

Result<void> run(store::Session& session, std::string_view file,
                 std::span<const store::Value> values) {
  auto changed = session.execute(file, values);
  if (!changed) return pass(changed, file);
  return {};
}

store::Value text_value(std::string_view text) { return std::string(text); }

/// Makes one version the production model of its site and strategy: both changes or none.
Result<void> activate(store::Session& session, const Uuid& site, const ActiveModel& model,
                      std::int64_t deployed_ms) {
  return store::in_transaction(session, [&]() -> Result<void> {
    ATTUNE_TRY(run(session, "learn/models_archive",
                   std::array{store::Value(site), text_value(model.strategy)}));
    return run(session, "learn/model_activate",
               std::array{store::Value(site), text_value(model.strategy),
                          text_value(model.version),
                          store::Value(store::Timestamp::from_ms(deployed_ms))});
  });
}

/// Whether a server could serve it: the file is whole and is what the registry says it is.
Result<void> check_artefact(const Uuid& site, const ActiveModel& model) {
  ATTUNE_ASSIGN(const auto loaded, load_site_model(real_file_system(), model.artefact_path));
  if (loaded->site_id == site.text() && loaded->strategy == model.strategy &&
      loaded->version == model.version) {
    return {};
  }
  return fail(ErrorCode::data_loss,
              fmt::format("{} holds model {} of strategy {} of site {}", model.artefact_path,
                          loaded->version, loaded->strategy, loaded->site_id));
}

}  // namespace

std::string to_json(const HeldOut& held) {
  std::string people;
  if (held.people.people > 0) {
    people = fmt::format(
        ",\"people\":{{\"people\":{},\"ndcg_20\":{:.6f},\"popularity_ndcg_20\":{:.6f},"
        "\"ndcg_gain_95\":[{:.6f},{:.6f}],\"not_better\":{:.4f}}}",
        held.people.people, held.people.ndcg, held.people.popularity_ndcg, held.people.gain.low,
        held.people.gain.high, held.people.not_better);
  }
  std::string present;
  if (held.present.mrr >= 0) {
    present = fmt::format(",\"present\":{{\"mrr_20\":{:.6f},\"worse\":{:.4f}", held.present.mrr,
                          held.present.worse);
    if (held.people.present_ndcg >= 0) {
      present += fmt::format(",\"ndcg_20_people\":{:.6f},\"worse_people\":{:.4f}",
                             held.people.present_ndcg, held.people.worse);
    }
    present += "}";
  }
  return fmt::format(
      "{{\"hr_20\":{:.6f},\"mrr_20\":{:.6f},\"ndcg_20\":{:.6f},\"predictions\":{},"
      "\"held_out_from\":\"{}\",\"popularity\":{{\"hr_20\":{:.6f},\"mrr_20\":{:.6f},\"ndcg_20\":{:."
      "6f}}},"
      "\"mrr_gain_95\":[{:.6f},{:.6f}],\"not_better\":{:.4f},\"basis\":\"held-out visits, "
      "bootstrap by visit\"{}{}}}",
      held.model.hit_rate, held.model.mrr, held.model.ndcg, held.predictions,
      iso_text(held.from_ms), held.popularity.hit_rate, held.popularity.mrr, held.popularity.ndcg,
      held.mrr_gain.low, held.mrr_gain.high, held.not_better, people, present);
}

Result<void> begin_training(store::Session& session, const Uuid& site, std::string_view strategy,
                            std::string_view algorithm, std::int64_t now_ms) {
  return store::in_transaction(session, [&]() -> Result<void> {
    ATTUNE_TRY(forget_training(session, site, strategy));
    return run(session, "learn/model_begin",
               std::array{store::Value(site), text_value(strategy),
                          store::Value(fmt::format("training-{}", now_ms)), text_value(algorithm),
                          store::Value(store::Timestamp::from_ms(now_ms))});
  });
}

Result<void> forget_training(store::Session& session, const Uuid& site, std::string_view strategy) {
  return run(session, "learn/models_unfinished",
             std::array{store::Value(site), text_value(strategy)});
}

Result<void> register_model(store::Session& session, const Registration& model) {
  const std::string period =
      fmt::format("{{\"start\":\"{}\",\"end\":\"{}\"}}", iso_text(model.data_begin_ms),
                  iso_text(model.data_end_ms));
  const std::array values{
      store::Value(model.site),
      store::Value(model.strategy),
      store::Value(model.version),
      store::Value(model.algorithm),
      store::Value(store::Json{model.params_json}),
      store::Value(store::Json{period}),
      store::Value(store::Json{model.metrics_json}),
      store::Value(model.artefact_path),
      store::Value(static_cast<std::int64_t>(model.artefact_bytes)),
      store::Value(model.sha256),
      store::Value(store::Timestamp::from_ms(model.trained_ms)),
  };
  return store::in_transaction(session, [&]() -> Result<void> {
    ATTUNE_TRY(forget_training(session, model.site, model.strategy));
    ATTUNE_TRY(run(session, "learn/models_shadow_end",
                   std::array{store::Value(model.site), text_value(model.strategy)}));
    return run(session, "learn/model_insert", values);
  });
}

Result<void> archive_model(store::Session& session, const Uuid& site, std::string_view strategy,
                           std::string_view version) {
  return run(session, "learn/model_archive",
             std::array{store::Value(site), text_value(strategy), text_value(version)});
}

Result<void> remove_surplus_artefacts(store::Session& session, FileSystem& files, const Uuid& site,
                                      std::string_view strategy, std::int64_t kept) {
  auto rows = session.query("learn/models_surplus", std::array{store::Value(site),
                                                               text_value(strategy),
                                                               store::Value(kept)});
  if (!rows) return pass(rows, "looking for old models");
  for (const auto& row : rows->rows) {
    auto removed = files.remove(text_of(row[1]));
    if (!removed && removed.error().code() != ErrorCode::not_found) return removed;
    ATTUNE_TRY(run(session, "learn/model_forget_artefact",
                   std::array{store::Value(site), text_value(strategy), row[0]}));
  }
  return {};
}

Result<std::vector<ActiveModel>> active_models(store::Session& session, const Uuid& site) {
  auto rows = session.query("learn/models_active", std::array{store::Value(site)});
  if (!rows) return pass(rows, "looking for the models in production");
  std::vector<ActiveModel> models;
  for (const auto& row : rows->rows) models.push_back(model_of(row));
  return models;
}

Result<std::optional<ActiveModel>> active_model(store::Session& session, const Uuid& site,
                                                std::string_view strategy) {
  ATTUNE_ASSIGN(const std::vector<ActiveModel> models, active_models(session, site));
  for (const ActiveModel& model : models) {
    if (model.strategy == strategy) return std::optional<ActiveModel>(model);
  }
  return std::optional<ActiveModel>{};
}

Result<std::vector<ActiveModel>> earlier_models(store::Session& session, const Uuid& site,
                                                const ActiveModel& model) {
  auto rows = session.query(
      "learn/models_earlier",
      std::array{store::Value(site), text_value(model.strategy),
                 store::Value(store::Timestamp::from_ms(model.trained_ms))});
  if (!rows) return pass(rows, "looking for earlier models");
  std::vector<ActiveModel> models;
  for (const auto& row : rows->rows) models.push_back(model_of(row));
  return models;
}

Result<ActiveModel> promote_model(store::Store& store, const Clock& clock, const Uuid& site,
                                  std::string_view strategy, std::string_view version) {
  ATTUNE_ASSIGN(const auto session, store.session());
  auto rows = session->query(
      "learn/model_find",
      std::array{store::Value(site), text_value(strategy), text_value(version)});
  if (!rows) return pass(rows, "looking for the model");
  if (rows->rows.empty()) {
    return fail(ErrorCode::not_found,
                fmt::format("the site has no model {} of strategy {}", version, strategy));
  }
  ActiveModel model = model_of(rows->rows.front());
  if (model.artefact_path.empty()) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the artefact of model {} is not kept any more", version));
  }
  if (auto good = check_artefact(site, model); !good) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("model {} cannot serve: {}", version, good.error().message()));
  }
  ATTUNE_TRY(activate(*session, site, model, clock.now_ms()));
  model.status = "production";
  return model;
}

Result<ActiveModel> rollback_model(store::Store& store, const Clock& clock, const Uuid& site,
                                   std::string_view strategy) {
  ATTUNE_ASSIGN(const auto session, store.session());
  ATTUNE_ASSIGN(const std::optional<ActiveModel> current, active_model(*session, site, strategy));
  if (!current) {
    return fail(ErrorCode::failed_precondition,
                fmt::format("the site has no model of strategy {} in production", strategy));
  }
  ATTUNE_ASSIGN(std::vector<ActiveModel> before, earlier_models(*session, site, *current));
  for (ActiveModel& earlier : before) {
    if (!check_artefact(site, earlier)) continue;
    ATTUNE_TRY(activate(*session, site, earlier, clock.now_ms()));
    earlier.status = "production";
    return earlier;
  }
  return fail(ErrorCode::failed_precondition,
              "there is no earlier production model whose artefact is still good");
}

}  // namespace attune::learn
