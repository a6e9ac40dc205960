"""Enrichment: what one hit says about its visitor, page and origin. Pure functions with caches.

ids         visitor and session ids             umami_ids   the same as Umami makes them
url         page address → path, origin, query  umami_page  the same as Umami reads it
properties  nested objects ⇄ flat text          event_data  Umami's nested data → flat text with types
client_ip   whose address a request comes from  geo         address → place
referrer    source of a visit                   provider_geo  place by a proxy's headers
bots        declared bots, doubtful browsers    crawlers    a list of crawlers, quickly searched
ua          system, browser, device, by the names of ua_names and the expressions of ua_expressions
first_fit   which of a thousand expressions fits first, by the plain texts in them (literals)

Each module names the contract section that it follows; `bots.warm()` loads the large tables ahead.
"""
