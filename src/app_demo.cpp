// The demo shop: its site, its catalogue and its simulated visitors, who come in through the front door.
#include <fmt/format.h>

#include <charconv>
#include <string>

#include "app_parts.h"
#include "base/thread.h"
#include "shop/simulator.h"
#include "spdlog/spdlog.h"
#include "shop/shop_pages.h"

namespace attune {
namespace {

constexpr std::string_view kKeyName = "demo visitors";

/// A fresh secret for the simulator; the one of an earlier run, which nobody knows any more, goes.
Result<std::string> renew_key(App::Parts& parts, const Uuid& site) {
  for (const serve::KeyInfo& key : parts.control->list_keys(site)) {
    if (key.name == kKeyName) ATTUNE_TRY(parts.control->delete_key(site, key.id));
  }
  ATTUNE_ASSIGN(const serve::NewKey made,
                parts.control->create_key(site, kKeyName, serve::Scope::admin));
  return made.secret;
}

Result<void> store_catalogue(App::Parts& parts, const Uuid& site, std::string_view catalogue) {
  serve::Request request;
  request.method = serve::Method::put;
  request.peer = serve::PeerKind::in_process;
  request.target = fmt::format("/api/v1/sites/{}/products", site.text());
  request.add_header("content-type", "application/json");
  request.body = std::string(catalogue);
  const serve::Response answer = parts.api->router().handle_blocking(std::move(request));
  if (answer.status / 100 == 2) return {};
  return fail(ErrorCode::internal, fmt::format("the demo catalogue was refused: {}", answer.content()));
}

/// Ends imports that a stop in the middle of an earlier backfill left open, so that their sessions close.
void finish_open_imports(App::Parts& parts, const Uuid& site) {
  for (const serve::ImportInfo& import : parts.control->list_imports(site)) {
    if (import.finished_ms != 0) continue;
    serve::Request request;
    request.method = serve::Method::post;
    request.peer = serve::PeerKind::in_process;
    request.target =
        fmt::format("/api/v1/sites/{}/imports/{}/finish", site.text(), import.stream);
    request.add_header("content-type", "application/json");
    request.body = "{}";
    const serve::Response answer = parts.api->router().handle_blocking(std::move(request));
    if (answer.status / 100 != 2) {
      spdlog::warn("import {} of the demo stays open: {}", import.stream, answer.content());
    }
  }
}

void train_first_model(App::Parts& parts, const event::Site& site) {
  const serve::JobScope scope{.site = site.id.text()};
  const auto job = parts.api->jobs().start("train", scope, [&parts, site](auto& progress) {
    return train_now(parts, site, {}, progress);
  });
  if (!job) spdlog::warn("the first training did not start: {}", job.error().message());
}

}  // namespace

Result<std::string> set_up_demo(App::Parts& parts) {
  const auto info = parts.control->find_site(kDemoDomain);
  if (!info) return fail(ErrorCode::not_found, "the demo site was deleted; start with --empty");
  const event::Site site = info->site;
  const std::string_view catalogue = shop::catalogue_json();
  ATTUNE_TRY(store_catalogue(parts, site.id, catalogue));
  finish_open_imports(parts, site.id);
  shop::SimulatorOptions options;
  options.port = parts.server->port();
  options.site = site.id;
  ATTUNE_ASSIGN(options.key, renew_key(parts, site.id));
  options.shop_origin = "https://" + std::string(kDemoDomain);
  options.catalogue_json = std::string(catalogue);
  bool has_past = false;
  for (const serve::ImportInfo& import : parts.control->list_imports(site.id)) {
    has_past = has_past || import.finished_ms != 0;  // also one cut short: visitors go on living
  }
  if (has_past) options.backfill_days = 0;
  options.on_backfill_done = [&parts, site] {
    // The tables follow the import within seconds; a model needs what they hold.
    const journal::Position end = parts.journal->durable_end();
    if (parts.etl->wait_for(end, 120'000)) train_first_model(parts, site);
  };
  ATTUNE_ASSIGN(shop::Simulator simulator, shop::Simulator::make(std::move(options), parts.clock));
  parts.demo = std::jthread(
      [moved = std::make_shared<shop::Simulator>(std::move(simulator))](const std::stop_token& stop) {
        name_thread("demo visitors");
        const auto counts = moved->run(stop);
        if (!counts) spdlog::error("the demo's visitors stay away: {}", counts.error().message());
      });
  const std::string public_url = parts.options.config.server.public_url;
  return serve::snippet_of(site, public_url.empty() ? parts.server->url() : public_url);
}

}  // namespace attune
