#include "serve/static_files.h"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <utility>

#include "base/ensure.h"
#include "base/hash.h"

namespace attune::serve {
namespace {

constexpr std::size_t kPackBytesMin = 512;  // below, a header costs more than it saves

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTypes = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".avif", "image/avif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
}};

bool is_text(std::string_view type) {
  return type.starts_with("text/") || type.find("json") != std::string_view::npos ||
         type.find("svg") != std::string_view::npos;
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  ensure(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 9,
                      Z_DEFAULT_STRATEGY) == Z_OK,
         "zlib starts");
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ensure(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflateBound is enough");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// Whether a header such as "gzip, deflate, br;q=0.5" takes gzip.
bool takes_gzip(std::string_view accept) {
  while (!accept.empty()) {
    const std::size_t comma = accept.find(',');
    std::string_view item = accept.substr(0, comma);
    accept.remove_prefix(comma == std::string_view::npos ? accept.size() : comma + 1);
    while (item.starts_with(' ')) item.remove_prefix(1);
    const std::string_view coding = item.substr(0, item.find_first_of("; "));
    if (coding != "gzip" && coding != "*") continue;
    return item.find("q=0") == std::string_view::npos ||
           item.find("q=0.") != std::string_view::npos;
  }
  return false;
}

void add_headers(Response& response, FileKind kind) {
  switch (kind) {
    case FileKind::dashboard_page:
      // Pictures of recommended products lie on the shops' own servers.
      response.with("Content-Security-Policy",
                    "default-src 'self'; img-src 'self' data: https: http:; object-src 'none'; "
                    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
      response.with("Referrer-Policy", "same-origin");
      response.with("Cross-Origin-Opener-Policy", "same-origin");
      response.with("Cache-Control", "no-cache");
      return;
    case FileKind::dashboard_asset:
      response.with("Cache-Control", "public, max-age=31536000, immutable");
      return;
    case FileKind::script:
      response.with("Access-Control-Allow-Origin", "*");
      response.with("Cross-Origin-Resource-Policy", "cross-origin");
      response.with("Cache-Control", "public, max-age=3600, stale-while-revalidate=86400");
      return;
    case FileKind::demo:
      // The demo shares its origin with the dashboard, so it may not run what is not its own
      // either.
      response.with("Content-Security-Policy",
                    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                    "object-src 'none'; base-uri 'none'; frame-ancestors 'self'");
      response.with("Referrer-Policy", "no-referrer-when-downgrade");
      response.with("Cache-Control", "no-cache");
      return;
  }
}

}  // namespace

std::string_view content_type_of(std::string_view path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

void StaticFiles::add(std::string path, FileKind kind, std::string_view bytes) {
  File file;
  file.kind = kind;
  file.content_type = content_type_of(path);
  file.bytes = bytes;
  file.tag = fmt::format("\"{:016x}\"", hash64(bytes));
  if (bytes.size() >= kPackBytesMin && is_text(file.content_type)) {
    file.packed = gzip(bytes);
    if (file.packed.size() >= bytes.size()) file.packed.clear();
  }
  files_.insert_or_assign(std::move(path), std::move(file));
}

void StaticFiles::add_made(std::string path, FileKind kind, std::string bytes) {
  add(std::move(path), kind, made_.emplace_back(std::move(bytes)));
}

Response StaticFiles::answer(const Request& request, std::string_view path) const {
  const auto found = files_.find(std::string(path));
  if (found == files_.end()) return Response::text("There is no such page.\n", 404);
  const File& file = found->second;
  const bool packed = !file.packed.empty() && takes_gzip(request.header("accept-encoding"));
  const std::string tag = packed ? file.tag.substr(0, file.tag.size() - 1) + "-gz\""
                                 : file.tag;  // a tag names one encoding
  Response response;
  response.content_type = file.content_type;
  response.with("ETag", tag);
  if (!file.packed.empty()) response.with("Vary", "Accept-Encoding");
  add_headers(response, file.kind);
  const std::string_view known = request.header("if-none-match");
  if (known == "*" || known.find(tag) != std::string_view::npos) {
    response.status = 304;
    response.content_type = {};
    return response;
  }
  if (packed) response.with("Content-Encoding", "gzip");
  response.shared_body = packed ? std::string_view(file.packed) : file.bytes;
  return response;
}

}  // namespace attune::serve
