"""Which pages may send without a secret."""

import pytest

from footfall.catalog.origins import OriginRules, is_origin_rule, matches


@pytest.mark.parametrize(
    ("rule", "origin"),
    [
        ("https://foo.com", "https://foo.com"),
        ("https://foo.com/", "http://www.foo.com"),
        ("www.foo.com", "https://foo.com"),
        ("foo.com", "https://FOO.com"),
        ("https://foo.com:8443", "https://foo.com:8443"),
        ("localhost:3000", "http://localhost:3000"),
        ("http://localhost:*", "http://localhost:5173"),
        ("*", "https://anything.example"),
        ("*", "null"),
        ("*.foo.com", "https://a.foo.com"),
        ("*.foo.com", "https://a.b.foo.com"),
        ("*.foo.com", "https://www.foo.com"),
        ("https://*.foo.com", "https://a.foo.com"),
        ("shop-*.vercel.app", "https://shop-x1.vercel.app"),
        ("https://müller.de", "https://xn--mller-kva.de"),
        ("capacitor://localhost", "capacitor://localhost"),
        ("chrome-extension://abcdef", "chrome-extension://abcdef"),
    ],
)
def test_the_rule_takes_the_origin(rule: str, origin: str) -> None:
    assert is_origin_rule(rule)
    assert matches(rule, origin)


@pytest.mark.parametrize(
    ("rule", "origin"),
    [
        ("https://foo.com", "https://foo.com.evil"),
        ("https://foo.com", "https://a.foo.com"),
        ("https://foo.com", "https://foo.com:8443"),
        ("foo.com", "https://fooxcom"),
        ("*.foo.com", "https://foo.com"),
        ("*.foo.com", "https://a.foo.com.evil"),
        ("*.foo.com", "https://evilfoo.com"),
        ("*.foo.com", "https://.foo.com"),
        ("*.foo.com", "https://a.fooxcom"),
        ("shop-*.vercel.app", "https://shop-.vercel.app"),
        ("localhost:*", "http://localhost.evil:80"),
        ("foo.*", "https://foo.evil"),
        (".*", "https://evil.example"),
        ("(a+)+$", "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"),
        ("", ""),
        ("https://", "https://"),
        ("capacitor://localhost", "https://localhost"),
        ("localhost", "capacitor://localhost"),
    ],
)
def test_the_rule_does_not_take_the_origin(rule: str, origin: str) -> None:
    assert not matches(rule, origin)


@pytest.mark.parametrize(
    "rule",
    ["", "foo.*", "*.*", "**", "https://foo.com/path", "a b", "user@foo.com", "*:*", "app://", "app://*", "://a"],
)
def test_a_rule_that_can_not_be_meant_is_known(rule: str) -> None:
    assert not is_origin_rule(rule)


def test_no_origin_is_never_let_in() -> None:
    assert not OriginRules().allow(("*",), "")


def test_a_changed_list_is_decided_anew() -> None:
    rules = OriginRules()
    assert rules.allow(("https://foo.com",), "https://foo.com")
    assert not rules.allow(("https://bar.com",), "https://foo.com")
    assert rules.allow(("https://foo.com",), "https://foo.com")


def test_a_flood_of_origins_takes_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footfall.catalog.origins._MAX_DECISIONS", 10)
    rules = OriginRules()
    for number in range(100):
        rules.allow(("foo.com",), f"https://{number}.example")
    assert len(rules._decisions) <= 10
