#include "learn/train.h"

#include <array>
#include <chrono>
#include <set>
#include <utility>
#include <variant>

#include <fmt/core.h>
#include <openssl/evp.h>

#include "base/file_system.h"
#include "base/json_writer.h"
#include "learn/neural_child.h"
#include "learn/protocol.h"
#include "learn/registry.h"
#include "learn/shadow.h"
#include "learn/site_model.h"
#include "learn/tuned_params.h"
#include "learn/worker_protocol.h"
#include "learn/worker_run.h"

namespace attune::learn {
namespace {

// Below this many predictions an interval says nothing, whatever it is.
constexpr std::uint64_t kPredictionsMin = 20;
// The model must have the higher MRR in so many of the resamples (by visit) of the held-out visits.
constexpr double kNotBetterMax = 0.10;
// Archived artefacts kept for going back.
constexpr std::int64_t kArtefactsKept = 10;

struct ChildFiles {
  std::string in, out;
  std::string present;   // the artefact in production; empty: none
};

Result<WorkerResult> train_in_child(const TrainOptions& options, const ChildFiles& files,
                                    std::int64_t trained_ms, const ProgressSink& progress) {
  std::optional<Result<WorkerResult>> result;
  WorkerRun run;
  if (needs_program(options.params.algorithm)) {
    ATTUNE_ASSIGN(run.program, find_neural_program(options.neural_program));
  }
  run.arguments = {"--in",         files.in,
                   "--out",        files.out,
                   "--present",    files.present,
                   "--model",      to_text(options.params),
                   "--site",       options.site.text(),
                   "--trained-ms", fmt::format("{}", trained_ms)};
  run.on_result = [&](std::string_view line) { result = parse_result_line(line); };
  ATTUNE_TRY(run_worker(options, run, progress));
  if (!result) return fail(ErrorCode::internal, "the training process said no result");
  return *result;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

/// Whether a model with the parameters of the one in production is surely better.
bool is_worse_than_present(double model, double present, double worse, std::string& verdict) {
  if (present < 0 || model >= present || worse < 1 - kNotBetterMax) return false;
  verdict = fmt::format(
      "archived: worse than with the parameters in production ({:.4f} against {:.4f}, in {:.1f} % "
      "of resamples)",
      model, present, 100 * worse);
  return true;
}

/// Whether the difference can be told from chance, and one sentence with the numbers.
bool is_better(double model, double popularity, double not_better, const std::string& numbers,
               std::string& verdict) {
  if (model > popularity && not_better <= kNotBetterMax) {
    verdict = numbers;
    return true;
  }
  verdict = fmt::format(
      "archived: not reliably better than popularity ({}; worse or equal in {:.1f} % of resamples)",
      numbers, 100 * not_better);
  return false;
}

/// Decides whether a model may serve, and says why in one sentence.
bool passes_gate(const HeldOut& held, const ModelParams& params, std::string& verdict) {
  const HeldOut::People& people = held.people;
  if (people.people >= kPeopleMin) {
    return is_better(people.ndcg, people.popularity_ndcg, people.not_better,
                     fmt::format("NDCG@20 {:.4f} against {:.4f} of popularity for {} people who "
                                 "came back",
                                 people.ndcg, people.popularity_ndcg, people.people),
                     verdict) &&
           !is_worse_than_present(people.ndcg, people.present_ndcg, people.worse, verdict);
  }
  std::string numbers =
      fmt::format("MRR@20 {:.4f} against {:.4f} of popularity on {} held-out predictions",
                  held.model.mrr, held.popularity.mrr, held.predictions);
  if (knows_people(params)) {
    numbers += fmt::format(", by visits because {} people came back and {} are needed",
                           people.people, kPeopleMin);
  }
  if (held.predictions < kPredictionsMin) {
    verdict = fmt::format("archived: only {} held-out predictions, {} are needed to judge it",
                          held.predictions, kPredictionsMin);
    return false;
  }
  return is_better(held.model.mrr, held.popularity.mrr, held.not_better, numbers, verdict) &&
         !is_worse_than_present(held.model.mrr, held.present.mrr, held.present.worse, verdict);
}

/// One training of one site: folder, export and time are shared by its strategies.
struct Training {
  store::Store& store;
  const Clock& clock;
  TrainOptions options;  // `params` of the strategy at hand
  std::int64_t trained_ms;
  std::string folder;
  std::string export_path;
};

Result<TrainReport> train_one(const Training& training, store::Session& session,
                              const ProgressSink& progress) {
  FileSystem& files = real_file_system();
  const std::string made_path =
      fmt::format("{}/model-{}.tmp", training.folder, training.trained_ms);
  const TemporaryFile made_file(files, made_path);
  const Uuid& site = training.options.site;
  ATTUNE_ASSIGN(const auto present,
                active_model(session, site, strategy_of(training.options.params)));
  ATTUNE_ASSIGN(const WorkerResult made,
                train_in_child(training.options,
                               {.in = training.export_path,
                                .out = made_path,
                                .present = present ? present->artefact_path : ""},
                               training.trained_ms, progress));
  // Read back what the child wrote, as the server will: what cannot be loaded is not registered.
  ATTUNE_ASSIGN(const auto model, load_site_model(files, made_path));
  ATTUNE_ASSIGN(const std::string bytes, read_file(files, made_path, ~std::uint64_t{0}));
  TrainReport report;
  report.strategy = model->strategy;
  report.version = made.version;
  report.algorithm = made.algorithm;
  report.artefact_path =
      fmt::format("{}/{}-{}.model", training.folder, model->strategy, made.version);
  report.artefact_bytes = bytes.size();
  report.sessions = model->sessions;
  report.clicks = model->clicks;
  report.items = model->item_ids.size();
  report.held_out = made.held_out;
  const bool passed = passes_gate(made.held_out, model->params, report.verdict);
  report.shadowed = passed && training.options.shadow && present.has_value();
  std::string metrics = to_json(report.held_out);
  if (report.shadowed) metrics = with_shadow(metrics, training.trained_ms);
  ATTUNE_TRY(files.rename(made_path, report.artefact_path));
  ATTUNE_TRY(files.sync_folder(training.folder));
  ATTUNE_TRY(register_model(session, {.site = site,
                                      .strategy = report.strategy,
                                      .version = report.version,
                                      .algorithm = report.algorithm,
                                      .params_json = to_json(model->params),
                                      .metrics_json = metrics,
                                      .artefact_path = report.artefact_path,
                                      .artefact_bytes = report.artefact_bytes,
                                      .sha256 = sha256_hex(bytes),
                                      .trained_ms = training.trained_ms,
                                      .data_begin_ms = model->data_begin_ms,
                                      .data_end_ms = model->data_end_ms}));
  if (report.shadowed) {
    report.verdict = "in the shadow of the model in production: " + report.verdict;
  } else if (passed) {
    ATTUNE_TRY(promote_model(training.store, training.clock, site, report.strategy,
                             report.version));
    report.promoted = true;
    if (!present && training.options.first_model) training.options.first_model();
    report.verdict = "in production: " + report.verdict;
  } else {
    ATTUNE_TRY(archive_model(session, site, report.strategy, report.version));
  }
  ATTUNE_TRY(remove_surplus_artefacts(session, files, site, report.strategy, kArtefactsKept));
  return report;
}

/// Trains the strategy of `training.options.params`, with a row of the registry from the beginning.
Result<TrainReport> train_noted(const Training& training, const ProgressSink& progress) {
  const std::int64_t started_us = training.clock.steady_us();
  const Uuid& site = training.options.site;
  const ModelParams& params = training.options.params;
  const std::string_view strategy = strategy_of(params);
  ATTUNE_ASSIGN(const auto session, training.store.session());
  ATTUNE_TRY(begin_training(*session, site, strategy, to_text(params).substr(0, 100),
                            training.trained_ms));
  auto report = train_one(training, *session, progress);
  if (!report) {
    (void)forget_training(*session, site, strategy);  // else the next training does
    return report;
  }
  report->seconds = static_cast<double>(training.clock.steady_us() - started_us) / 1e6;
  return report;
}

/// Removes what a killed training left in the site's folder: files that no row names.
Result<void> remove_leftovers(store::Session& session, FileSystem& files, const Uuid& site,
                              const std::string& folder) {
  auto rows = session.query("learn/models_files", std::array{store::Value(site)});
  if (!rows) return pass(rows, "looking for the files of models");
  std::set<std::string> named;
  for (const auto& row : rows->rows) {
    if (const auto* path = std::get_if<std::string>(&row[0])) named.insert(*path);
  }
  ATTUNE_ASSIGN(const std::vector<std::string> names, files.list(folder));
  for (const std::string& name : names) {
    const bool leftover = name.ends_with(".tmp") ||
                          (name.ends_with(".model") && !named.contains(folder + "/" + name));
    if (leftover) ATTUNE_TRY(files.remove(folder + "/" + name));
  }
  return {};
}

/// Makes the export, then calls `work` with the training.
template <class Work>
auto with_export(store::Store& store, const Clock& clock, const TrainOptions& options,
                 const ProgressSink& progress, Work&& work)
    -> decltype(work(std::declval<Training&>())) {
  FileSystem& files = real_file_system();
  const std::int64_t now_ms = clock.now_ms();
  const std::string folder = folder_of(options);
  ATTUNE_TRY(files.create_folder(folder));
  const TemporaryFile export_file(files, fmt::format("{}/export-{}.tmp", folder, now_ms));
  {
    ATTUNE_ASSIGN(const auto session, store.session());
    ATTUNE_TRY(remove_leftovers(*session, files, options.site, folder));
    if (progress) progress("reading the site's visits", 0);
    ATTUNE_TRY(export_site(store, clock, options, export_file.path()));
  }
  Training training{.store = store,
                    .clock = clock,
                    .options = options,
                    .trained_ms = now_ms,
                    .folder = folder,
                    .export_path = export_file.path()};
  return work(training);
}

}  // namespace

Result<TrainReport> train_site(store::Store& store, const Clock& clock, const TrainOptions& options,
                               const ProgressSink& progress) {
  return with_export(store, clock, options, progress,
                     [&](Training& training) { return train_noted(training, progress); });
}

Result<SiteTraining> train_strategies(store::Store& store, const Clock& clock,
                                      const TrainOptions& options,
                                      const std::vector<std::string>& strategies,
                                      const ProgressSink& progress) {
  std::vector<std::string> names = strategies;
  if (names.empty()) {
    names.assign(trained_strategies().begin(), trained_strategies().end());
    ATTUNE_ASSIGN(const auto session, store.session());
    ATTUNE_ASSIGN(const std::vector<ActiveModel> active, active_models(*session, options.site));
    for (const ActiveModel& model : active) {
      if (model.strategy == kNeural || model.strategy == kBlend) names.push_back(model.strategy);
    }
  }
  std::vector<ModelParams> params;
  for (const std::string& name : names) {
    ATTUNE_ASSIGN(ModelParams found,
                  params_for(real_file_system(), folder_of(options), name));
    params.push_back(std::move(found));
  }
  return with_export(
      store, clock, options, progress, [&](Training& training) -> Result<SiteTraining> {
        SiteTraining result;
        for (std::size_t i = 0; i < params.size(); ++i) {
          if (options.stop_requested && options.stop_requested()) {
            return fail(ErrorCode::failed_precondition, "training was asked to stop");
          }
          training.options.params = params[i];
          const ProgressSink show = [&](std::string_view stage, double done) {
            const double all = static_cast<double>(i) + done;
            if (!progress) return;
            progress(fmt::format("{}: {}", names[i], stage),
                     all / static_cast<double>(names.size()));
          };
          auto report = train_noted(training, show);
          if (report) {
            result.trained.push_back(std::move(*report));
          } else {
            result.failed.push_back({names[i], report.error()});
          }
        }
        if (result.trained.empty()) return tl::unexpected<Error>(result.failed.front().error);
        return result;
      });
}

std::string to_text(const TrainReport& report) {
  const HeldOut& held = report.held_out;
  return fmt::format(
      "{} model {} ({}): {} clicks in {} visits, {} items, {} bytes, {:.1f} s\n"
      "held out: HR@20 {:.4f}, MRR@20 {:.4f}, NDCG@20 {:.4f}; popularity {:.4f}, {:.4f}, {:.4f}; "
      "{} predictions\n{}\n",
      report.strategy, report.version, report.algorithm, report.clicks, report.sessions,
      report.items, report.artefact_bytes, report.seconds, held.model.hit_rate, held.model.mrr,
      held.model.ndcg,
      held.popularity.hit_rate, held.popularity.mrr, held.popularity.ndcg, held.predictions,
      report.verdict);
}

std::string to_json(const TrainReport& report) {
  return fmt::format(
      "{{\"strategy\":\"{}\",\"version\":\"{}\",\"algorithm\":\"{}\",\"sessions\":{},"
      "\"clicks\":{},\"items\":{},"
      "\"artefact_bytes\":{},\"metrics\":{},\"promoted\":{},\"shadowed\":{},"
      "\"verdict\":\"{}\",\"seconds\":{:.3f}}"
      "}",
      report.strategy, report.version, report.algorithm, report.sessions, report.clicks,
      report.items, report.artefact_bytes, to_json(report.held_out), report.promoted,
      report.shadowed,
      report.verdict,
      report.seconds);
}

std::string to_json(const SiteTraining& training) {
  std::string text;
  std::string verdict;
  bool promoted = false;
  JsonWriter out(text);
  out.begin_object();
  out.key("models");
  out.begin_array();
  for (const TrainReport& report : training.trained) {
    out.raw(to_json(report));
    if (!verdict.empty()) verdict += "; ";
    verdict += fmt::format("{}: {}", report.strategy, report.verdict);
    promoted = promoted || report.promoted;
  }
  out.end_array();
  out.key("failed");
  out.begin_array();
  for (const SiteTraining::Failure& each : training.failed) {
    out.begin_object();
    out.key("strategy");
    out.text(each.strategy);
    out.key("message");
    out.text(each.error.message());
    out.end_object();
  }
  out.end_array();
  out.key("promoted");
  out.boolean(promoted);
  out.key("verdict");
  out.text(verdict);
  out.end_object();
  return text;
}

}  // namespace attune::learn
