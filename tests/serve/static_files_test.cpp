#include "serve/static_files.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace attune::serve {
namespace {

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

std::string unpack(std::string_view packed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    for (int i = 0; i < 200; ++i) page_ += "<p>the same again</p>\n";
    files_.add("/index.html", FileKind::dashboard_page, page_);
    files_.add("/assets/app-1f.js", FileKind::dashboard_asset, "let x;");
    files_.add_made("/t.js", FileKind::script, "track()");
  }
  Response get(std::string_view path, std::string_view accept = {}, std::string_view known = {}) {
    Request request;
    if (!accept.empty()) request.add_header("Accept-Encoding", accept);
    if (!known.empty()) request.add_header("If-None-Match", known);
    return files_.answer(request, path);
  }
  std::string page_;
  StaticFiles files_;
};

TEST_F(StaticFilesTest, SaysWhatAFileIsAndHowLongItKeeps) {
  const Response page = get("/index.html");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(page.content(), page_);
  EXPECT_EQ(header_of(page, "Cache-Control"), "no-cache");
  EXPECT_NE(header_of(page, "Content-Security-Policy").find("frame-ancestors 'none'"),
            std::string::npos);
  EXPECT_NE(header_of(get("/assets/app-1f.js"), "Cache-Control").find("immutable"),
            std::string::npos);
  EXPECT_EQ(header_of(get("/t.js"), "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(get("/none.js").status, 404);
}

TEST_F(StaticFilesTest, PacksForWhoTakesIt) {
  for (const char* takes : {"gzip", "deflate, gzip;q=1.0, br", "*"}) {
    const Response packed = get("/index.html", takes);
    EXPECT_EQ(header_of(packed, "Content-Encoding"), "gzip") << takes;
    EXPECT_LT(packed.content().size(), page_.size() / 2);
    EXPECT_EQ(unpack(packed.content()), page_);
    EXPECT_EQ(header_of(packed, "Vary"), "Accept-Encoding");
  }
  for (const char* not_taken : {"br", "gzip;q=0", "identity"}) {
    EXPECT_EQ(header_of(get("/index.html", not_taken), "Content-Encoding"), "") << not_taken;
  }
  EXPECT_EQ(header_of(get("/t.js", "gzip"), "Content-Encoding"), "");  // too small to gain
}

TEST_F(StaticFilesTest, SendsAKnownFileOnce) {
  const std::string tag = header_of(get("/index.html"), "ETag");
  const std::string packed_tag = header_of(get("/index.html", "gzip"), "ETag");
  EXPECT_NE(tag, packed_tag);
  const Response again = get("/index.html", "", "W/\"x\", " + tag);
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.content().empty());
  EXPECT_EQ(header_of(again, "ETag"), tag);
  EXPECT_EQ(get("/index.html", "gzip", tag).status, 200);
  EXPECT_EQ(get("/index.html", "gzip", packed_tag).status, 304);
}

}  // namespace
}  // namespace attune::serve
