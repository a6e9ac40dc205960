"""Enrichment: what one hit says about its visitor, page and origin. Pure functions with caches.

ids         visitor and session ids             client_ip   whose address a request comes from
ua          system, browser, device             geo         address → place, country names
bots        declared bots, doubtful browsers    url         page address → path, origin, query, campaign
referrer    source of a visit, referrer spam    properties  nested objects ⇄ flat text
crawlers    a list of crawlers, quickly searched

Each module names the contract section that it follows; `bots.warm()` loads the large tables ahead.
"""
