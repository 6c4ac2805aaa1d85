#include "collect/redact.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "collect/collect_fixture.h"

namespace attune::collect {
namespace {

TEST(SecretNameTest, KnowsSecretsHoweverTheyAreWritten) {
  for (const char* name : {"password",
                           "Password",
                           "user[password]",
                           "userPassword",
                           "user_password",
                           "PASSWD",
                           "login.pwd",
                           "cvv",
                           "card-cvc",
                           "CVV2",
                           "ssn",
                           "SSN",
                           "iban",
                           "client_secret",
                           "accessToken",
                           "access_token",
                           "csrf-token",
                           "Authorization",
                           "card_number",
                           "cardNumber",
                           "cardnumber",
                           "creditCard",
                           "credit_card_no",
                           "cc-number",
                           "ccnum",
                           "card",
                           "cc",
                           "socialSecurityNumber",
                           "social_security",
                           "security_code",
                           "apiKey",
                           "api_key",
                           "x-api-key",
                           "pin",
                           "otp",
                           "pass",
                           "passphrase",
                           "account_number",
                           "bearer",
                           "new_password"}) {
    EXPECT_TRUE(is_secret_name(name)) << name;
  }
}

TEST(SecretNameTest, LeavesOtherNamesAlone) {
  for (const char* name :
       {"",           "name",      "email",         "first_name", "passenger",
        "passengers", "compass",   "bypass_count",  "shipping",   "spinner",
        "opinion",    "author",    "authored_by",   "tokenized",  "cardboard",
        "discard",    "scorecard", "postcard_text", "ccid",       "gift_card_design",
        "tangent",    "standard",  "secretary",     "order_id",   "session_id",
        "pinned",     "ibanez",    "panel"}) {
    EXPECT_FALSE(is_secret_name(name)) << name;
  }
}

TEST(SecretNameTest, ASiteNamesMore) {
  const std::vector<std::string> extra = {"geburtsdatum"};
  EXPECT_TRUE(is_secret_name("Geburtsdatum", extra));
  EXPECT_FALSE(is_secret_name("geburtsdatum_2", extra));
}

TEST(PlainNameTest, IdsTimesAndAmountsAreNotLookedAt) {
  for (const char* name : {"order_id", "orderId", "id", "sku", "ean", "createdAt", "price", "total",
                           "unit_price", "event.timestamp", "item[qty]"}) {
    EXPECT_TRUE(is_plain_name(name)) << name;
  }
  for (const char* name : {"note", "message", "number", "idea", "identity", ""}) {
    EXPECT_FALSE(is_plain_name(name)) << name;
  }
}

std::string redacted(std::string_view text) {
  std::string out(text);
  std::string changed;
  return redact_text(text, changed) ? changed : out;
}

TEST(RedactTextTest, FindsCardNumbersOfEveryIssuer) {
  // Test numbers that the payment networks and processors publish.
  for (const char* card : {"4111111111111111",    "4111 1111 1111 1111", "4111-1111-1111-1111",
                           "4012888888881881",    "4222222222222",       "5500005555555559",
                           "5105105105105100",    "2223003122003222",    "378282246310005",
                           "3782 822463 10005",   "371449635398431",     "6011111111111117",
                           "6011 0009 9013 9424", "3056930009020004",    "36227206271667",
                           "3622 720627 1667",    "3530111333300000",    "6200000000000005",
                           "6759 6498 2643 8453", "4000 0566 5566 5556"}) {
    EXPECT_EQ(redacted(card), kRedacted) << card;
    EXPECT_EQ(redacted(fmt::format("pay with {}, please", card)),
              fmt::format("pay with {}, please", kRedacted))
        << card;
    EXPECT_EQ(redacted(fmt::format("card={}.", card)), fmt::format("card={}.", kRedacted)) << card;
  }
}

TEST(RedactTextTest, FindsACardNextToOtherNumbers) {
  EXPECT_EQ(redacted("2 times 4111 1111 1111 1111 12/27"), "2 times [redacted] 12/27");
  EXPECT_EQ(redacted("1 4111 1111 1111 1111"), "1 [redacted]");
  EXPECT_EQ(redacted("4111111111111111 and 5500005555555559"), "[redacted] and [redacted]");
  EXPECT_EQ(redacted(" 411111 1111111111 "), kRedacted) << "all of a field is one number";
}

TEST(RedactTextTest, LeavesNumbersThatAreNoCards) {
  for (const char* text : {"4111111111111112",
                           "1234567890123456",
                           "0000000000000000",
                           "411111111111111",
                           "1592337718000",
                           "1592337718000000",
                           "2026-11-21 10:00:00.123",
                           "+49 30 1234 5678 9012",
                           "0.4111111111111111",
                           "3.4111111111111111",
                           "id_4111111111111111",
                           "a4111111111111111",
                           "4111111111111111a",
                           "/item/4111111111111111/",
                           "550e8400-e29b-41d4-a716-446655440000",
                           "41111111111111111111111",
                           "12.34.5678.9012.3456",
                           "978-3-16-148410-0",
                           "",
                           "no digits at all",
                           "2023-01-01T00:00:00Z"}) {
    EXPECT_EQ(redacted(text), text);
  }
}

TEST(RedactTextTest, FindsSocialSecurityNumbers) {
  EXPECT_EQ(redacted("my ssn is 078-05-1120."), "my ssn is [redacted].");
  EXPECT_EQ(redacted("219 09 9999"), kRedacted);
  for (const char* text :
       {"000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "123-456-789",
        "123-45-67890", "1123-45-6789", "123-45 6789", "078-05-1120-1", "030-12-3456x"}) {
    EXPECT_EQ(redacted(text), text);
  }
}

TEST(RedactTextTest, FindsBearerTokens) {
  EXPECT_EQ(redacted("Authorization: Bearer abcdefghij.klmnopqrst"),
            "Authorization: Bearer [redacted]");
  EXPECT_EQ(redacted("the bearer of good news arrives"), "the bearer of good news arrives");
}

TEST(RedactUrlTest, ByNameAndByValue) {
  const std::pair<std::string, std::string> cases[] = {
      {"https://a.example/?token=abc", "https://a.example/?token=[redacted]"},
      {"https://a.example/?a=1&password=x&b=2", "https://a.example/?a=1&password=[redacted]&b=2"},
      {"https://a.example/?email=a%40b.c", "https://a.example/?email=[redacted]"},
      {"https://a.example/?q=4111+1111+1111+1111", "https://a.example/?q=[redacted]"},
      {"https://a.example/?q=4111%201111%201111%201111", "https://a.example/?q=[redacted]"},
      {"https://a.example/?user%5Bpassword%5D=x",
       "https://a.example/?user%5Bpassword%5D=[redacted]"},
      {"https://a.example/cb#access_token=x&state=1",
       "https://a.example/cb#access_token=[redacted]&state=1"},
      {"https://a.example/?token=x#token=y",
       "https://a.example/?token=[redacted]#token=[redacted]"},
      {"android-app://x/?otp=1", "android-app://x/?otp=[redacted]"}};
  for (const auto& [url, expected] : cases) {
    std::string out = url;
    EXPECT_TRUE(redact_url(out)) << url;
    EXPECT_EQ(out, expected);
  }
  for (const char* url :
       {"https://a.example/", "https://a.example/?", "https://a.example/?a&&b=&=c",
        "https://a.example/?order_id=4111111111111111", "https://a.example/#top",
        "https://a.example/token=abc", "https://a.example/?token=", ""}) {
    std::string out = url;
    EXPECT_FALSE(redact_url(out)) << url;
    EXPECT_EQ(out, url);
  }
}

/// Counts values of a file, and those that are taken for secrets.
struct Alarm {
  std::size_t values = 0;
  std::size_t false_alarms = 0;

  void look_at(std::string_view value) {
    ++values;
    if (has_secret_value(value)) {
      ++false_alarms;
      if (false_alarms <= 5) fmt::print("    {}\n", value.substr(0, 120));
    }
  }
};

Alarm scan(const std::filesystem::path& path,
           const std::function<void(std::string_view, Alarm&)>& line) {
  Alarm alarm;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) line(text, alarm);
  fmt::print("  {}: {} of {} values taken for secrets\n", path.filename().string(),
             alarm.false_alarms, alarm.values);
  return alarm;
}

void each_column(std::string_view line, char separator, Alarm& alarm) {
  while (!line.empty()) {
    const auto end = std::min(line.find(separator), line.size());
    std::string_view value = line.substr(0, end);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    alarm.look_at(value);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
}

TEST(FalseAlarmTest, OnRealData) {
  const auto data = testing::real_data(".");
  if (data.empty() || !std::filesystem::exists(data / "bol_sessions")) {
    GTEST_SKIP() << "real data is not here (ATTUNE_TEST_DATA)";
  }
  const auto commas = [](std::string_view line, Alarm& alarm) { each_column(line, ',', alarm); };
  const auto tabs = [](std::string_view line, Alarm& alarm) { each_column(line, '\t', alarm); };
  const auto whole = [](std::string_view line, Alarm& alarm) { alarm.look_at(line); };
  const std::pair<const char*, std::function<void(std::string_view, Alarm&)>> files[] = {
      {"apache_access_log/access.log", whole},
      {"bol_sessions/train.txt", tabs},
      {"complete_journey/transactions_sample.csv", commas},
      {"complete_journey/products.csv", commas},
      {"complete_journey/coupon_redemptions.csv", commas},
      {"complete_journey/coupons.csv", commas},
      {"online_shoppers/online_shoppers_intention.csv", commas}};
  std::size_t values = 0;
  std::size_t false_alarms = 0;
  for (const auto& [name, reader] : files) {
    const Alarm alarm = scan(data / name, reader);
    values += alarm.values;
    false_alarms += alarm.false_alarms;
  }
  fmt::print("  together {} of {}\n", false_alarms, values);
  EXPECT_GT(values, 1'500'000u);
  EXPECT_LE(false_alarms * 1'000'000, values * 5) << "five of a million";
}

TEST(FalseAlarmTest, OnRandomNumbers) {
  // Random digits of a card's length are taken for a card when prefix and Luhn sum happen to fit:
  // for 16 digits that is (prefixes of that length) / 10, about 2.6 %. This is why ids are not
  // looked at by name.
  std::uint64_t state = 88172645463325252ULL;
  std::size_t alarms = 0;
  constexpr std::size_t kCount = 100'000;
  for (std::size_t i = 0; i < kCount; ++i) {
    std::string digits;
    for (int d = 0; d < 16; ++d) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      digits += static_cast<char>('0' + state % 10);
    }
    alarms += has_secret_value(digits) ? 1 : 0;
  }
  fmt::print("  {} of {} random numbers of 16 digits\n", alarms, kCount);
  EXPECT_GT(alarms, kCount / 100);
  EXPECT_LT(alarms, kCount * 4 / 100);
}

}  // namespace
}  // namespace attune::collect
