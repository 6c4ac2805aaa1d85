// `attune archive`: old rows into files of the data folder, and questions to those files.
#include <boost/json.hpp>
#include <filesystem>

#include "app_parts.h"
#include "base/time_zone.h"
#include "etl/archive.h"

namespace attune {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMegabyte = 1 << 20;
constexpr std::int64_t kMemoryMbMin = 64;

json::object described(const etl::ArchivedFile& file) {
  return {{"site", file.site},
          {"month", day_text(file.month.days).substr(0, 7)},
          {"rows", file.rows},
          {"bytes", file.bytes}};
}

}  // namespace

std::unique_ptr<etl::Archive> open_archive(App::Parts& parts, serve::JobProgress& progress) {
  const Config& config = parts.options.config;
  etl::ArchiveSettings settings;
  settings.data = std::filesystem::absolute(parts.paths.folder).lexically_normal().string();
  settings.memory_bytes_max = std::max(kMemoryMbMin, config.store.memory_mb / 2) * kMegabyte;
  settings.threads = static_cast<int>(config.store.threads);
  settings.on_step = [&progress](std::string_view step) {
    progress.set(0, 0, std::string(step));
  };
  settings.stop_requested = [&progress] { return progress.stop_requested(); };
  return std::make_unique<etl::Archive>(real_file_system(), std::move(settings));
}

Result<json::array> archive_alone(App::Parts& parts, store::Session& session,
                                  serve::JobProgress& progress) {
  ATTUNE_ASSIGN(const auto rules,
                etl::RetentionRules::load(session, default_limits(parts.options.config)));
  const auto archive = open_archive(parts, progress);
  ATTUNE_ASSIGN(const auto made, archive->move_old(session, sites_with_rows(parts), rules,
                                                   parts.clock.now_ms()));
  json::array files;
  for (const etl::ArchivedFile& file : made) files.push_back(described(file));
  return files;
}

Result<std::string> archive_now(App::Parts& parts, serve::JobProgress& progress) {
  const std::lock_guard one_at_a_time(parts.rebuild_mutex);
  ATTUNE_ASSIGN(const auto session, parts.store->session());
  ATTUNE_ASSIGN(json::array files, archive_alone(parts, *session, progress));
  std::int64_t rows = 0;
  for (const json::value& file : files) rows += file.at("rows").as_int64();
  return json::serialize(json::object{{"rows", rows}, {"files", std::move(files)}});
}

json::object archive_status(App::Parts& parts) {
  const auto session = parts.store->session();
  if (!session) return {};
  const auto all = etl::archived_files(**session);
  if (!all) return {};
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  for (const etl::ArchivedFile& file : *all) {
    rows += file.rows;
    bytes += file.bytes;
  }
  return {{"files", all->size()}, {"rows", rows}, {"bytes", bytes}};
}

Result<store::Rows> query_archive(App::Parts& parts, std::string_view sql,
                                  const store::QueryOptions& options) {
  ATTUNE_ASSIGN(const auto session, parts.store->session());
  // An embedded database finds archived rows beside its own.
  if (session->engine() == store::Engine::duckdb) return session->query_text(sql, options);
  const std::unique_lock alone(parts.rebuild_mutex, std::try_to_lock);
  if (!alone) {
    return fail(ErrorCode::unavailable,
                "the archive is in use by maintenance, a backup or a replay: ask again later");
  }
  serve::JobProgress nobody;
  return open_archive(parts, nobody)->query_text(*session, sql, options);
}

}  // namespace attune
