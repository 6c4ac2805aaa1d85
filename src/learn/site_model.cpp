#include "learn/site_model.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/core.h>

#include "base/hash.h"
#include "learn/artefact.h"
#include "learn/bytes.h"
#include "learn/models.h"
#include "learn/strategy.h"

namespace attune::learn {
namespace {

/// "20261121-093000" in UTC.
std::string time_text(std::int64_t time_ms) {
  using namespace std::chrono;
  const sys_seconds time{seconds{time_ms / 1000}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

bool is_ascending(const std::vector<std::string>& ids) {
  return std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end();
}

}  // namespace

SiteModel make_site_model(const SessionLog& all, const ModelParams& params, std::string site_id,
                          std::int64_t trained_ms, const Catalogue& catalogue,
                          const NeuralTrainer& neural) {
  const SessionLog log = log_for(all, catalogue, params);
  SiteModel made;
  made.site_id = std::move(site_id);
  made.strategy = strategy_of(params);
  made.params = params;
  made.trained_ms = trained_ms;
  made.sessions = log.session_count();
  made.clicks = log.click_count();
  if (!log.times_ms.empty()) {
    const auto [oldest, newest] = std::minmax_element(log.times_ms.begin(), log.times_ms.end());
    made.data_begin_ms = *oldest;
    made.data_end_ms = *newest;
  }
  made.item_ids = log.item_ids;
  made.model = train_recommender(log, params, catalogue, neural);
  ByteWriter content;
  content.texts(made.item_ids);
  made.model->write(content);
  // Seeded by the millisecond: two trainings of one second are two versions.
  const auto seed = static_cast<std::uint64_t>(trained_ms);
  made.version =
      fmt::format("{}-{:08x}", time_text(trained_ms), hash64(content.bytes(), seed) >> 32);
  return made;
}

Result<void> save_site_model(FileSystem& files, const SiteModel& model, const std::string& path) {
  ByteWriter out;
  out.text(model.site_id);
  out.text(model.strategy);
  out.text(model.version);
  out.text(to_text(model.params));
  out.number(model.trained_ms);
  out.number(model.data_begin_ms);
  out.number(model.data_end_ms);
  out.number(model.sessions);
  out.number(model.clicks);
  out.texts(model.item_ids);
  model.model->write(out);
  return write_artefact(files, path, ArtefactKind::site_model, out.bytes());
}

Result<std::unique_ptr<SiteModel>> load_site_model(FileSystem& files, const std::string& path) {
  std::uint32_t version = 0;
  ATTUNE_ASSIGN(const std::string payload,
                read_artefact(files, path, ArtefactKind::site_model, &version));
  ByteReader in(payload);
  auto made = std::make_unique<SiteModel>();
  made->site_id = in.text();
  made->strategy = version == 1 ? std::string(kSequential) : in.text();
  made->version = in.text();
  const std::string params_text = in.text();
  made->trained_ms = in.number<std::int64_t>();
  made->data_begin_ms = in.number<std::int64_t>();
  made->data_end_ms = in.number<std::int64_t>();
  made->sessions = in.number<std::uint64_t>();
  made->clicks = in.number<std::uint64_t>();
  made->item_ids = in.texts();
  auto params = parse_params(params_text);
  if (!in.ok() || !params) {
    return fail(ErrorCode::data_loss,
                fmt::format("{}: the model's description cannot be read", path));
  }
  made->params = *params;
  auto model = read_recommender(in);
  if (!model) return pass(model, path);
  made->model = std::move(*model);
  if (!in.at_end() || made->model->item_count() != made->item_ids.size() ||
      !is_ascending(made->item_ids)) {
    return fail(ErrorCode::data_loss, fmt::format("{}: the model and its items do not fit", path));
  }
  return made;
}

}  // namespace attune::learn
