#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "site_fixture.h"

namespace attune::report {
namespace {

using testing::DoubleEq;
using testing::Optional;

class FormsTest : public SiteFixture {
 protected:
  FormsTest() { now_ms_ = at("2026-11-21 11:00:00"); }

  /// A visit at that time to the page of the form, which it sends so many times.
  void visit(const std::string& session, std::string_view time, const std::string& path,
             const std::string& form, int submissions) {
    add(Visit{.session = session,
              .visitor = session,
              .events = {{.at_ms = at(time), .path = path}}});
    store::ColumnBatch batch;
    auto& id = batch.add_int64("id");
    auto& session_id = batch.add_text("session_id");
    auto& visitor_id = batch.add_text("visitor_id");
    auto& site_id = batch.add_text("site_id");
    auto& form_id = batch.add_text("form_id");
    auto& page_path = batch.add_text("page_path");
    auto& submit_timestamp = batch.add_timestamp("submit_timestamp");
    for (int each = 0; each < submissions; ++each) {
      id.push(++last_id_);
      session_id.push(session);
      visitor_id.push(session);
      site_id.push(site_.id.text());
      form_id.push_or_null(form);
      page_path.push(path);
      submit_timestamp.push(store::Timestamp::from_ms(at(time) + 1000 * (each + 1)));
    }
    if (submissions > 0) must(session_->append("form_submissions", batch));
  }

  std::int64_t last_id_ = 1'000'000;
};

TEST_F(FormsTest, CompletionIsTheShareOfVisitsToThePageThatSentTheForm) {
  visit("a", "2026-11-20 09:00:00", "/contact", "ask", 2);
  visit("b", "2026-11-20 10:00:00", "/contact", "ask", 1);
  visit("c", "2026-11-20 11:00:00", "/contact", "", 0);
  visit("d", "2026-11-20 12:00:00", "/contact", "", 0);
  visit("e", "2026-11-20 13:00:00", "/letter", "", 1);
  visit("f", "2026-11-20 14:00:00", "/other", "", 0);
  visit("g", "2026-11-19 14:00:00", "/contact", "ask", 1);   // of another day
  const Forms answer = must(forms(*session_, site_, range({.period = "yesterday"}), 10));
  EXPECT_EQ(answer.total, 2);
  ASSERT_EQ(answer.rows.size(), 2U);
  const FormRow& ask = answer.rows[0];
  EXPECT_EQ(ask.form_id, "ask");
  EXPECT_EQ(ask.path, "/contact");
  EXPECT_EQ(ask.submissions, 3);
  EXPECT_EQ(ask.sessions, 2);
  EXPECT_EQ(ask.viewers, 4);
  EXPECT_THAT(ask.completion_rate, Optional(DoubleEq(0.5)));
  EXPECT_EQ(answer.rows[1].form_id, "");
  EXPECT_EQ(answer.rows[1].path, "/letter");
  EXPECT_THAT(answer.rows[1].completion_rate, Optional(DoubleEq(1)));
}

TEST_F(FormsTest, LimitCutsRowsAndNotTheTotal) {
  visit("a", "2026-11-20 09:00:00", "/contact", "ask", 1);
  visit("b", "2026-11-20 10:00:00", "/letter", "letter", 2);
  const Range day = range({.period = "yesterday"});
  const Forms answer = must(forms(*session_, site_, day, 1));
  ASSERT_EQ(answer.rows.size(), 1U);
  EXPECT_EQ(answer.rows[0].form_id, "letter");
  EXPECT_EQ(answer.total, 2);
  EXPECT_FALSE(forms(*session_, site_, day, 0));
}

}  // namespace
}  // namespace attune::report
