#include "learn/registry.h"

#include <array>
#include <chrono>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "learn/site_model.h"

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
  return {.version = text_of(row[0]),
          .artefact_path = text_of(row[1]),
          .algorithm = text_of(row[3]),
          .trained_ms = time_ms_of(row[4]),
          .status = text_of(row[5])};
}

/// Runs `work` in a transaction; rolled back when it fails.
template <class Work>
Result<void> in_transaction(store::Session& session, Work&& work) {
  ATTUNE_TRY(session.begin());
  Result<void> done = work();
  if (!done) {
    (void)session.rollback();  // what failed first is what the caller must know
    return done;
  }
  return session.commit();
}

Result<void> run(store::Session& session, std::string_view file,
                 std::span<const store::Value> values) {
  auto changed = session.execute(file, values);
  if (!changed) return pass(changed, file);
  return {};
}

/// Makes one version the production model of its site. Inside a transaction.
Result<void> activate(store::Session& session, const Uuid& site, const std::string& version,
                      std::int64_t deployed_ms) {
  ATTUNE_TRY(run(session, "learn/models_archive", std::array{store::Value(site)}));
  return run(session, "learn/model_activate",
             std::array{store::Value(site), store::Value(version),
                        store::Value(store::Timestamp::from_ms(deployed_ms))});
}

}  // namespace

std::string to_json(const HeldOut& held) {
  return fmt::format(
      "{{\"hr_20\":{:.6f},\"mrr_20\":{:.6f},\"ndcg_20\":{:.6f},\"predictions\":{},"
      "\"held_out_from\":\"{}\",\"popularity\":{{\"hr_20\":{:.6f},\"mrr_20\":{:.6f},\"ndcg_20\":{:."
      "6f}}},"
      "\"mrr_gain_95\":[{:.6f},{:.6f}],\"not_better\":{:.4f},\"basis\":\"held-out visits, "
      "bootstrap by visit\"}}",
      held.model.hit_rate, held.model.mrr, held.model.ndcg, held.predictions,
      iso_text(held.from_ms), held.popularity.hit_rate, held.popularity.mrr, held.popularity.ndcg,
      held.mrr_gain.low, held.mrr_gain.high, held.not_better);
}

Result<void> register_model(store::Session& session, const Registration& registration) {
  const TrainReport& report = registration.report;
  const std::string period =
      fmt::format("{{\"start\":\"{}\",\"end\":\"{}\"}}", iso_text(registration.data_begin_ms),
                  iso_text(registration.data_end_ms));
  const std::array values{
      store::Value(registration.site),
      store::Value(report.version),
      store::Value(report.algorithm),
      store::Value(store::Json{to_json(registration.params)}),
      store::Value(store::Json{period}),
      store::Value(store::Json{to_json(report.held_out)}),
      store::Value(report.artefact_path),
      store::Value(static_cast<std::int64_t>(report.artefact_bytes)),
      store::Value(registration.sha256),
      store::Value(std::string(report.promoted ? "validating" : "archived")),
      store::Value(false),
      store::Value(store::Timestamp::from_ms(registration.trained_ms)),
      store::Value(store::Null{}),
  };
  return in_transaction(session, [&]() -> Result<void> {
    ATTUNE_TRY(run(session, "learn/model_insert", values));
    if (!report.promoted) return {};
    return activate(session, registration.site, report.version, registration.trained_ms);
  });
}

Result<void> remove_surplus_artefacts(store::Session& session, FileSystem& files, const Uuid& site,
                                      std::int64_t kept) {
  auto rows =
      session.query("learn/models_surplus", std::array{store::Value(site), store::Value(kept)});
  if (!rows) return pass(rows, "looking for old models");
  for (const auto& row : rows->rows) {
    auto removed = files.remove(text_of(row[1]));
    if (!removed && removed.error().code() != ErrorCode::not_found) return removed;
    ATTUNE_TRY(run(session, "learn/model_forget_artefact", std::array{store::Value(site), row[0]}));
  }
  return {};
}

Result<std::optional<ActiveModel>> active_model(store::Session& session, const Uuid& site) {
  auto rows = session.query("learn/model_active", std::array{store::Value(site)});
  if (!rows) return pass(rows, "looking for the production model");
  if (rows->rows.empty()) return std::optional<ActiveModel>{};
  return std::optional<ActiveModel>(model_of(rows->rows.front()));
}

Result<ActiveModel> rollback_model(store::Store& store, const Clock& clock, const Uuid& site) {
  ATTUNE_ASSIGN(const auto session, store.session());
  ATTUNE_ASSIGN(const std::optional<ActiveModel> current, active_model(*session, site));
  if (!current) return fail(ErrorCode::failed_precondition, "the site has no model in production");
  auto rows = session->query(
      "learn/models_earlier",
      std::array{store::Value(site), store::Value(store::Timestamp::from_ms(current->trained_ms))});
  if (!rows) return pass(rows, "looking for earlier models");
  for (const auto& row : rows->rows) {
    ActiveModel earlier = model_of(row);
    if (!load_site_model(real_file_system(), earlier.artefact_path)) continue;
    ATTUNE_TRY(in_transaction(
        *session, [&] { return activate(*session, site, earlier.version, clock.now_ms()); }));
    earlier.status = "production";
    return earlier;
  }
  return fail(ErrorCode::failed_precondition,
              "there is no earlier production model whose artefact is still good");
}

}  // namespace attune::learn
