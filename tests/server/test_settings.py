"""Settings: who wins, what is refused and how, and that the page about them is true."""

from pathlib import Path

import pytest

from footfall.model.errors import SetupError
from footfall.server.settings import RateLimit, Settings, settings_page
from footfall.server.settings_sources import load_settings


def refusal(flags: dict[str, object] | None = None, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(SetupError) as refused:
        load_settings(flags, environment or {})
    assert "\n" not in refused.value.message
    return refused.value.message


def test_the_page_about_settings_is_what_the_code_prints() -> None:
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text(encoding="utf-8") == settings_page()


def test_a_flag_wins_over_a_variable_over_the_file_over_the_default(tmp_path: Path) -> None:
    (tmp_path / "footfall.toml").write_text('port = 1\nhost = "0.0.0.0"\nthreads = 3\n')
    settings = load_settings(
        {"data": tmp_path, "port": 3, "host": None}, {"FOOTFALL_PORT": "2", "FOOTFALL_HOST": "::1"}
    )
    assert (settings.port, settings.host, settings.threads) == (3, "::1", 3)
    assert settings.session_timeout_minutes == 30


def test_the_file_is_found_by_variable_and_by_flag(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text("port = 1\n")
    two.write_text('port = 2\ntrusted_proxies = ["10.0.0.0/8"]\n')
    assert load_settings({}, {"FOOTFALL_CONFIG": str(one)}).port == 1
    assert load_settings({"config": two}, {"FOOTFALL_CONFIG": str(one)}).trusted_proxies == ("10.0.0.0/8",)


def test_lists_in_variables_are_separated_by_commas() -> None:
    environment = {"FOOTFALL_TRUSTED_PROXIES": "192.0.2.1, 2001:db8::/32", "IP_HEADER_ORDER": "x-real-ip"}
    settings = load_settings({}, environment)
    assert settings.trusted_proxies == ("192.0.2.1", "2001:db8::/32")
    assert settings.ip_header_order == ("x-real-ip",)


def test_the_secret_may_have_umamis_name() -> None:
    assert load_settings({}, {"APP_SECRET": "theirs"}).secret == "theirs"
    assert load_settings({}, {"APP_SECRET": "theirs", "FOOTFALL_SECRET": "ours"}).secret == "ours"


def test_what_kubernetes_injects_for_a_service_named_footfall_is_not_a_port() -> None:
    assert load_settings({}, {"FOOTFALL_PORT": "tcp://10.0.0.1:80"}).port == 8000


def test_an_empty_variable_is_no_setting() -> None:
    assert load_settings({}, {"FOOTFALL_PORT": ""}).port == 8000


def test_a_wrong_value_is_refused_with_its_source() -> None:
    assert refusal({}, {"FOOTFALL_PORT": "abc"}).startswith("FOOTFALL_PORT can't be 'abc'")
    assert refusal({"port": 70000}).startswith("--port can't be '70000'")
    assert "100/10s" in refusal({}, {"FOOTFALL_RATE_LIMIT_INSIGHTS": "often"})
    assert "2GB" in refusal({}, {"FOOTFALL_MEMORY_LIMIT": "much"})
    assert "FOOTFALL_TRUSTED_PROXIES" in refusal({}, {"FOOTFALL_TRUSTED_PROXIES": "10.0.0.0/99"})
    assert "can't be 'none, all'" in refusal({}, {"FOOTFALL_TRUSTED_PROXIES": "none, all"})
    assert refusal({}, {"FOOTFALL_DISABLE_BOT_CHECK": "yes"}).endswith("can't be 'yes': it takes true or false.")
    assert refusal({}, {"FOOTFALL_THREADS": "two"}).endswith("can't be 'two': it takes a whole number.")
    assert "clickhouse://" in refusal({}, {"FOOTFALL_STORE": "mongodb://x"})
    assert "postgresql://" in refusal({}, {"FOOTFALL_CATALOG": "mysql://x"})
    assert "v3" in refusal({}, {"FOOTFALL_UMAMI_STATS": "v9"})


@pytest.mark.parametrize("name", ["store", "catalog"])
def test_a_refusal_tells_no_password(name: str) -> None:
    assert refusal({}, {f"FOOTFALL_{name.upper()}": "click://user:hush@host/db"}).startswith(
        f"FOOTFALL_{name.upper()} can't be a secret value: it takes "
    )


def test_an_unknown_setting_in_the_file_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "footfall.toml").write_text("prot = 1\n")
    assert "unknown setting 'prot'; did you mean 'port'?" in refusal({"data": tmp_path})


def test_a_file_that_can_not_be_read_is_refused_in_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("port =\n")
    assert "can't be read: No such file or directory." in refusal({"config": tmp_path / "none.toml"})
    assert "is not valid TOML" in refusal({"config": broken})


def test_the_catalog_is_in_the_data_folder_unless_it_is_named() -> None:
    assert Settings(data="/srv").catalog_url == "/srv/catalog.sqlite3"
    assert Settings(catalog="postgresql://host/db").catalog_url == "postgresql://host/db"


def test_memory_is_a_size_or_a_share() -> None:
    assert Settings(memory_limit="2GB").memory_bytes == 2_000_000_000
    assert Settings(memory_limit="512 MiB").memory_bytes == 512 * 1024 * 1024
    assert 0 < Settings(memory_limit="25%").memory_bytes < Settings(memory_limit="50%").memory_bytes


def test_a_rate_limit_is_read_from_its_text() -> None:
    assert RateLimit.parse("100/10s") == RateLimit(100, 10)
