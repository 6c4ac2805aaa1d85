// What may leave the browser: addresses and names of fields. Form values are tested in a real browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, provide } from "./load.mjs";

const { cleanUrl, linkTarget } = await load("page");
const { SENSITIVE } = await load("forms");

const config = { prefix: "", excludeSearch: false };
const at = (t, href) => provide(t, { location: new URL(href) });

test("names of secret fields are recognized", () => {
  for (const name of [
    "password", "new_password", "passwd", "pwd", "passphrase", "card", "card_number", "cardNumber",
    "cc-number", "ccnum", "cvv", "cvc2", "csc", "ssn", "social_security_number", "iban", "accountNumber",
    "account_no", "routing_number", "csrf_token", "_csrf", "authenticity_token", "api_token", "nonce",
    "auth", "authorization", "session_id", "otp", "pin", "user[pin]", "birthdate", "dob", "tax_id",
    "client_secret",
  ]) {
    assert.match(name, SENSITIVE, name);
  }
});

test("ordinary names are left alone", () => {
  for (const name of [
    "name", "email", "message", "quantity", "topic", "author", "passenger", "passage", "passion", "q",
    "shipping", "spinning", "utm_source", "gclid", "page", "size", "colour", "accept", "company",
    "opinion", "access",
  ]) {
    assert.doesNotMatch(name, SENSITIVE, name);
  }
});

test("addresses lose credentials, secret parameters and token fragments, and nothing else", (t) => {
  at(t, "https://shop.example/");
  const clean = (address) => cleanUrl(config, address);
  assert.equal(clean("https://anna:geheim@shop.example/a"), "https://shop.example/a");
  assert.equal(clean("/a?utm_source=x&reset_token=abc&q=tea+pot"),
    "https://shop.example/a?utm_source=x&reset_token=redacted&q=tea+pot");
  assert.equal(clean("/a#access_token=abc&type=bearer"), "https://shop.example/a");
  assert.equal(clean("/a?b=%20c+d&e#f"), "https://shop.example/a?b=%20c+d&e#f", "not rewritten");
  assert.equal(clean("http://["), "http://[", "what is no URL stays as it is");
});

test("the prefix is stripped from this site's paths only, and only whole", (t) => {
  at(t, "http://127.0.0.1:8080/demo/");
  const clean = (address) => cleanUrl({ ...config, prefix: "/demo" }, address);
  assert.equal(clean("/demo/products.html?a=1"), "http://127.0.0.1:8080/products.html?a=1");
  assert.equal(clean("/demo"), "http://127.0.0.1:8080/");
  assert.equal(clean("/demo/"), "http://127.0.0.1:8080/");
  assert.equal(clean("/demography"), "http://127.0.0.1:8080/demography");
  assert.equal(clean("https://other.example/demo/x"), "https://other.example/demo/x");
});

test("the query can be left out", (t) => {
  at(t, "https://shop.example/");
  assert.equal(cleanUrl({ ...config, excludeSearch: true }, "/a?b=c#d"), "https://shop.example/a#d");
});

test("a link says where it leads, not what it carries", (t) => {
  at(t, "https://shop.example/dir/");
  assert.equal(linkTarget(config, "../x?session=1#y"), "https://shop.example/x");
  assert.equal(linkTarget(config, "https://a.example/p?q=1"), "https://a.example/p");
  assert.equal(linkTarget(config, "mailto:anna@a.example"), "mailto:");
  assert.equal(linkTarget(config, "tel:+49301234"), "tel:");
});
