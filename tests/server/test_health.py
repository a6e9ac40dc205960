"""`/healthcheck` tells which dependency is in trouble. Source: openpanel contract §1.2."""

from support.footfall import Footfall


def test_a_catalog_that_does_not_answer_is_told_though_lookups_go_on(footfall: Footfall) -> None:
    well = footfall.request("GET", "/healthcheck")
    assert (well.status_code, well.json()["workingDependencies"]) == (200, ["store", "journal", "catalog"])
    assert footfall.visitor().views("/").status_code == 200
    footfall.runtime.catalog._database.close()  # so that it has to be opened again
    file = footfall.folder / "catalog.sqlite3"
    file.unlink()
    file.mkdir()
    ill = footfall.request("GET", "/healthcheck")
    assert (ill.status_code, ill.json()["failedDependencies"]) == (503, ["catalog"])
    assert footfall.visitor().views("/").status_code == 200
