"""Names: what `ua-parser` calls a system, browser or maker, and what reports call it.

A browser that is not listed keeps ua-parser's name. Contract: openpanel.md §4.3.
"""

import re

SYSTEMS = {
    "Mac OS X": "macOS",
    "Mac OS": "macOS",
    "Chrome OS": "Chrome OS",
    "Web0S": "webOS",
    "WebOS": "webOS",
    "ATV OS X": "tvOS",
    "tvOS": "tvOS",
    "WatchOS": "watchOS",
    "BlackBerry OS": "BlackBerry",
    "Symbian OS": "Symbian",
}

BROWSERS = {
    "Amazon Silk": "Silk",
    "Android": "Android Browser",
    "Brave": "Brave",
    "Chrome": "Chrome",
    "Chrome Mobile": "Mobile Chrome",
    "Chrome Mobile WebView": "Chrome WebView",
    "Chrome Mobile iOS": "Mobile Chrome",
    "Chromium": "Chromium",
    "Coc Coc": "Coc Coc",
    "DuckDuckGo": "DuckDuckGo",
    "DuckDuckGo Mobile": "DuckDuckGo",
    "Edge": "Edge",
    "Edge Mobile": "Edge",
    "Electron": "Electron",
    "Epiphany": "Epiphany",
    "Facebook": "Facebook",
    "Facebook Messenger": "Facebook",
    "Firefox": "Firefox",
    "Firefox Focus": "Firefox Focus",
    "Firefox Mobile": "Mobile Firefox",
    "Firefox iOS": "Mobile Firefox",
    "Google": "GSA",
    "HeadlessChrome": "Chrome Headless",
    "Huawei Browser": "Huawei Browser",
    "IE": "IE",
    "IE Mobile": "IEMobile",
    "Instagram": "Instagram",
    "Konqueror": "Konqueror",
    "Line": "Line",
    "LinkedIn": "LinkedIn",
    "MiuiBrowser": "MIUI Browser",
    "Mobile Safari": "Mobile Safari",
    "Oculus Browser": "Oculus Browser",
    "Opera": "Opera",
    "Opera GX": "Opera GX",
    "Opera Mini": "Opera Mini",
    "Opera Mobile": "Opera Mobi",
    "Opera Touch": "Opera Touch",
    "Pinterest": "Pinterest",
    "QQ Browser": "QQBrowser",
    "QQ Browser Mobile": "QQBrowser",
    "Safari": "Safari",
    "Samsung Internet": "Samsung Internet",
    "SeaMonkey": "SeaMonkey",
    "Snapchat": "Snapchat",
    "TikTok": "TikTok",
    "UC Browser": "UCBrowser",
    "Vivaldi": "Vivaldi",
    "WeChat": "WeChat",
    "Whale": "Whale",
    "Yandex Browser": "Yandex",
}

# On iOS an app that shows the web is WebKit and says no browser's name.
IN_APP_WEBKIT = frozenset({"Facebook", "Facebook Messenger", "Mobile Safari UI/WKWebView", "WebKit"})

# What ua-parser calls a browser when it found none.
NOT_A_BROWSER = frozenset({"Other", "Apple Mail", "Thunderbird", "Apache-HttpClient", "okhttp", "Java"})

BRANDS = {
    "XiaoMi": "Xiaomi",
    "Oppo": "OPPO",
    "oppo": "OPPO",
    "lge": "LG",
    "HTC": "HTC",
    "Asus": "ASUS",
    "SonyEricsson": "Sony",
}
UNKNOWN_BRANDS = ("Generic", "Spider", "Desktop", "Inconnu")
# 'K' is what Chrome on Android says since it hides the model; the others are ua-parser's fillers.
UNKNOWN_MODELS = frozenset({"K", "wv", "Mobile", "Smartphone", "Tablet", "Feature Phone", "Desktop", "Other"})

# How makers number their models, for those that ua-parser does not know by name.
MODEL_BRANDS = tuple(
    (re.compile(pattern, re.IGNORECASE), brand)
    for pattern, brand in (
        (r"SM-|GT-|SAMSUNG|Galaxy", "Samsung"),
        (r"iPhone|iPad|iPod|Mac", "Apple"),
        (r"Pixel|Nexus", "Google"),
        (r"Redmi|POCO|Mi \w|M\d{4}[A-Z]|2\d{3,7}[A-Z0-9]{2,}", "Xiaomi"),
        (r"RMX\d|realme", "Realme"),
        (r"CPH\d|OPPO|P[A-H][A-Z]M\d0", "OPPO"),
        (r"V\d{4}|vivo", "Vivo"),
        (r"moto|XT\d{4}", "Motorola"),
        (r"LG-|LM-", "LG"),
        (r"[A-Z]{3}-(L|AL|LX|TL)\d|HUAWEI|HONOR", "Huawei"),
        (r"Nokia|TA-\d{4}", "Nokia"),
        (r"ONEPLUS|HD19|IN20|LE21|GM19|KB20", "OnePlus"),
        (r"Lenovo|TB-?\w?\d", "Lenovo"),
        (r"KF[A-Z]{2,5}|AFT[A-Z]", "Amazon"),
        (r"ASUS|ZenFone", "ASUS"),
        (r"TECNO", "Tecno"),
        (r"Infinix", "Infinix"),
    )
)
