// Everything that is not the API: dashboard, tracker, widget, demo shop.
#include "serve/embedded_files.h"
#include "serve/routes.h"

namespace attune::serve {
namespace {

constexpr std::string_view kSitePlace = "{{SITE_ID}}";

std::string replace_all(std::string_view text, std::string_view what, std::string_view with) {
  std::string out;
  for (;;) {
    const std::size_t at = text.find(what);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += with;
    text.remove_prefix(at + what.size());
  }
}

void add_files(ApiContext& api) {
  for (const embedded::File& file : embedded::web_files()) {
    const bool asset = file.path.starts_with("assets/");
    api.files.add("/" + std::string(file.path),
                  asset ? FileKind::dashboard_asset : FileKind::dashboard_page, file.bytes);
  }
  for (const embedded::File& file : embedded::tracker_files()) {
    api.files.add("/" + std::string(file.path), FileKind::script, file.bytes);
  }
  if (!api.options.demo) return;
  for (const embedded::File& file : embedded::shop_files()) {
    const std::string path = "/demo/" + std::string(file.path);
    if (file.bytes.find(kSitePlace) == std::string_view::npos) {
      api.files.add(path, FileKind::demo, file.bytes);
    } else {
      api.files.add_made(path, FileKind::demo,
                         replace_all(file.bytes, kSitePlace, api.options.demo_site));
    }
  }
}

Response redirect(std::string to) {
  Response response = Response::empty(302);
  response.with("Location", std::move(to));
  return response;
}

Response file(const ApiContext& api, const Call& call) {
  std::string path = "/" + std::string(call.path("path"));
  if (path.starts_with("/api/")) return Response::error(404, "not_found", "no such path");
  if (path == "/demo") return redirect("/demo/");
  if (path.ends_with('/')) path += "index.html";
  if (api.files.has(path)) return api.files.answer(call.request(), path);
  // The dashboard's screens are addresses of its own: a link to one must open it. What has a file's
  // ending was meant to be a file.
  const std::string_view last = std::string_view(path).substr(path.rfind('/') + 1);
  const bool screen = last.find('.') == std::string_view::npos && !path.starts_with("/demo/");
  if (screen && api.files.has("/index.html"))
    return api.files.answer(call.request(), "/index.html");
  if (path == "/index.html" || screen) {
    return Response::text(
        "Attune runs. This build has no dashboard; the API is described at "
        "/api/v1/openapi.json\n",
        200);
  }
  return api.files.answer(call.request(), path);
}

}  // namespace

std::vector<Route> file_routes(ApiContext& api) {
  add_files(api);
  Route files;
  files.pattern = "/{path...}";
  files.name = "files";
  files.access = Access::open;
  files.runs = Runs::on_io;
  files.in_document = false;
  files.summary = "Dashboard, tracker, widget, demo shop.";
  files.on_io = [&api](std::shared_ptr<Call> call, Responder answer) { answer(file(api, *call)); };
  return {files};
}

}  // namespace attune::serve
