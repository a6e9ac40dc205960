"""User agents: the families observed in openpanel.md §4.3, and others that visit sites."""

import pytest

from footfall.ingest.enrich.ua import SERVER, UserAgent, parse

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/"
WIN = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("ua", "expected"),
    [
        # macOS
        (f"{MAC}537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
         "macOS|10.15.7|Chrome|120.0.0.0|desktop|Apple|Macintosh"),
        (f"{MAC}605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15",
         "macOS|10.15.7|Safari|17.1|desktop|Apple|Macintosh"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:121.0) Gecko/20100101 Firefox/121.0",
         "macOS|10.15|Firefox|121.0|desktop|Apple|Macintosh"),
        # Windows
        (f"{WIN}; rv:121.0) Gecko/20100101 Firefox/121.0", "Windows|10|Firefox|121.0|desktop||"),
        (f"{WIN}) {BLINK}Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91",
         "Windows|10|Edge|120.0.2210.91|desktop||"),
        (f"{WIN}) {BLINK}Chrome/120.0.0.0 Safari/537.36 OPR/106.0.0.0",
        "Windows|10|Opera|106.0.0.0|desktop||"),
        (f"{WIN}) {BLINK}Chrome/120.0.0.0 Safari/537.36 Vivaldi/6.5.3206.50",
         "Windows|10|Vivaldi|6.5.3206.50|desktop||"),
        (f"{WIN}) {BLINK}Chrome/118.0.5993.771 YaBrowser/23.11.0.2470 Yowser/2.5 Safari/537.36",
         "Windows|10|Yandex|23.11.0.2470|desktop||"),
        (f"Mozilla/5.0 (Windows NT 6.3; Win64; x64) {BLINK}Chrome/109.0.0.0 Safari/537.36",
         "Windows|8.1|Chrome|109.0.0.0|desktop||"),
        ("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
        "Windows|7|IE|11.0|desktop||"),
        ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0; Tablet PC 2.0)",
         "Windows|XP|IE|8.0|desktop||"),
        # Linux and Chrome OS
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
         "Ubuntu||Firefox|121.0|desktop||"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {BLINK}Chrome/120.0.0.0 Safari/537.36",
         "Linux||Chrome|120.0.0.0|desktop||"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {BLINK}Chrome/120.0.0.0 Safari/537.36",
         "Chrome OS|14541.0.0|Chrome|120.0.0.0|desktop||"),
        # Apple's hand-held devices
        (f"{IPHONE}Version/17.1 Mobile/15E148 Safari/604.1",
        "iOS|17.1|Mobile Safari|17.1|mobile|Apple|iPhone"),
        (f"{IPHONE}CriOS/120.0.6099.119 Mobile/15E148 Safari/604.1",
         "iOS|17.1|Mobile Chrome|120.0.6099.119|mobile|Apple|iPhone"),
        (f"{IPHONE}FxiOS/120.0 Mobile/15E148 Safari/605.1.15",
        "iOS|17.1|Mobile Firefox|120.0|mobile|Apple|iPhone"),
        (f"{IPHONE}EdgiOS/120.0.2210.116 Version/17.0 Mobile/15E148 Safari/604.1",
         "iOS|17.1|Edge|120.0.2210.116|mobile|Apple|iPhone"),
        (f"{IPHONE}Mobile/15E148 [FBAN/FBIOS;FBDV/iPhone14,5;FBSN/iOS;FBSV/17.1]",
         "iOS|17.1|WebKit|605.1.15|mobile|Apple|iPhone"),
        (f"{IPHONE}Mobile/15E148", "iOS|17.1|WebKit|605.1.15|mobile|Apple|iPhone"),
        (f"{IPHONE}Mobile/15E148 Instagram 310.0.0.28.70 (iPhone15,3; iOS 17_1; en_US)",
         "iOS|17.1|Instagram|310.0.0.28.70|mobile|Apple|iPhone"),
        ("Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/16.6 Mobile/15E148 Safari/604.1", "iOS|16.6|Mobile Safari|16.6|tablet|Apple|iPad"),
        ("MyApp/1.0 CFNetwork/1410.0.3 Darwin/22.6.0", "iOS|16|||mobile|Apple|"),
        # Android
        (f"Mozilla/5.0 (Linux; Android 13; Pixel 7) {BLINK}Chrome/120.0.0.0 Mobile Safari/537.36",
         "Android|13|Mobile Chrome|120.0.0.0|mobile|Google|Pixel 7"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {BLINK}Chrome/120.0.0.0 Mobile Safari/537.36",
         "Android|10|Mobile Chrome|120.0.0.0|mobile||"),
        (f"Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) {BLINK}SamsungBrowser/23.0 Chrome/115.0.0.0 "
         "Mobile Safari/537.36", "Android|13|Samsung Internet|23.0|mobile|Samsung|SM-S918B"),
        (f"Mozilla/5.0 (Linux; Android 12; SM-T870) {BLINK}Chrome/120.0.0.0 Safari/537.36",
         "Android|12|Chrome|120.0.0.0|tablet|Samsung|SM-T870"),
        (f"Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A.230805.001; wv) {BLINK}Version/4.0 "
         "Chrome/120.0.6099.144 Mobile Safari/537.36",
         "Android|13|Chrome WebView|120.0.6099.144|mobile|Google|Pixel 7"),
        ("Mozilla/5.0 (Android 13; Mobile; rv:121.0) Gecko/121.0 Firefox/121.0",
         "Android|13|Mobile Firefox|121.0|mobile||"),
        ("Mozilla/5.0 (Android 13; Tablet; rv:121.0) Gecko/121.0 Firefox/121.0",
         "Android|13|Mobile Firefox|121.0|tablet||"),
        (f"Mozilla/5.0 (Linux; Android 8.0.0; LG-H870) {BLINK}Chrome/100.0.0.0 Mobile Safari/537.36",
         "Android|8.0.0|Mobile Chrome|100.0.0.0|mobile|LG|H870"),
        (f"Mozilla/5.0 (Linux; Android 12; moto g(60)) {BLINK}Chrome/119.0.0.0 Mobile Safari/537.36 "
         "OPR/78.4.4143.75603", "Android|12|Opera Mobi|78.4.4143.75603|mobile|Motorola|moto g(60)"),
        (f"Mozilla/5.0 (Linux; Android 13; M2101K6G) {BLINK}Chrome/120.0.0.0 Mobile Safari/537.36",
         "Android|13|Mobile Chrome|120.0.0.0|mobile|Xiaomi|M2101K6G"),
        (f"Mozilla/5.0 (Linux; Android 12; VOG-L29; HMSCore 6.11) {BLINK}Chrome/99.0.4844.88 "
         "HuaweiBrowser/13.0.5.303 Mobile Safari/537.36",
         "Android|12|Huawei Browser|13.0.5.303|mobile|Huawei|VOG-L29"),
        (f"Mozilla/5.0 (Linux; Android 11; KFTRWI) {BLINK}Silk/120.3.1 like "
         f"Chrome/120.0.6099.144 Safari/537.36",
         "Android|11|Silk|120.3.1|tablet|Amazon|KFTRWI"),
        ("Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A)", "Android|13|||mobile|Google|Pixel 7"),
        ("MyShop/3.2 (Android 13; Model=SM-A525F; Manufacturer=samsung)",
         "Android|13|||mobile|Samsung|SM-A525F"),
        # Televisions, consoles, wearables, headsets
        ("Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/2.2 "
         "Chrome/63.0.3239.84 TV Safari/537.36", "Tizen|5.0|Samsung Internet|2.2|smarttv|Samsung|SMART-TV"),
        (f"Mozilla/5.0 (Web0S; Linux/SmartTV) {BLINK}Chrome/94.0.4606.128 Safari/537.36 WebAppManager",
         "webOS||Chrome|94.0.4606.128|smarttv|LG|Web0S SmartTV"),
        ("Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like "
         "Gecko) Version/13.0 "
         "Safari/605.1.15", "||Safari|13.0|console|Sony|PlayStation 5"),
        (f"{WIN}; Xbox; Xbox One) {BLINK}Chrome/120.0.0.0 Safari/537.36 Edge/44.18363.8131",
         "Windows|10|Edge|44.18363.8131|console|Microsoft|Xbox One"),
        (f"Mozilla/5.0 (Linux; Android 11; SM-R890) {BLINK}SamsungBrowser/20.0 "
         f"Chrome/100.0.0.0 Mobile Safari/537.36",
         "Android|11|Samsung Internet|20.0|wearable|Samsung|SM-R890"),
        (f"Mozilla/5.0 (Linux; Android 12; Quest 2) {BLINK}OculusBrowser/25.0.0.1.64 "
         f"Chrome/108.0 VR Safari/537.36",
         "Android|12|Oculus Browser|25.0.0.1.64|xr|Meta|Quest 2"),
    ],
)  # fmt: skip
def test_a_header_names_system_browser_and_device(ua, expected):
    assert parse(ua) == UserAgent(*expected.split("|"))


@pytest.mark.parametrize(
    "ua",
    [
        None, "", "node", "undici", "curl/8.4.0", "python-requests/2.31.0", "Go-http-client/1.1",
        "okhttp/4.12.0",
        "axios/1.6.2", "PostmanRuntime/7.36.0", "unknown/1.0", "Apache-HttpClient/4.5.14 (Java/17.0.9)",
        "Dart/3.1 (dart:io)", "Python/3.11 aiohttp/3.9.1", "got (https://github.com/sindresorhus/got)",
    ],
)  # fmt: skip
def test_programs_are_servers_and_nothing_else(ua):
    assert parse(ua) == SERVER
    assert parse(ua).is_server


def test_a_browser_is_no_server():
    assert not parse(f"{IPHONE}Version/17.1 Mobile/15E148 Safari/604.1").is_server


def test_a_monstrous_header_is_read_in_part():
    assert parse(f"{WIN}; rv:121.0) Gecko/20100101 Firefox/121.0" + " x" * 100_000).browser == "Firefox"
    assert parse("\ud800\x00" * 10) == SERVER
