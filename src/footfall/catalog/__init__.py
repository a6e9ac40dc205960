"""The catalog: which projects, clients, users and keys exist, in SQLite or PostgreSQL.

`Catalog` is the way in; `Authenticator` answers who may send and who may read.
"""

from footfall.catalog.authentication import Authenticator, IngestGrant
from footfall.catalog.catalog import Catalog
from footfall.catalog.secrets import SecretCache

__all__ = ["Authenticator", "Catalog", "IngestGrant", "SecretCache"]
