"""The files of a fabric's InfiniBand subnets as folders, with the GUIDs that have arrived so far."""

from __future__ import annotations

from pathlib import Path

from gigasite.components.planning import Plan
from gigasite.design.infiniband.guids import FILE, NO_GUIDS, GuidInventory, load_guids
from gigasite.exports.folders import Folder
from gigasite.render.infiniband.files import infiniband_files


def subnet_folders(plan: Plan, fabric: str, guids_csv: str | None = None) -> tuple[Folder, ...]:
    """A folder for each subnet; none for other fabrics.

    `guids_csv` is the inventory of GUIDs; else the one beside the site file, if there is one. Raises FindingsError
    where it is wrong, GigasiteError where a file of a subnet fails its check.
    """
    if plan.design.fabrics[fabric].technology != "infiniband":
        return ()
    inventory = _inventory(plan, guids_csv)
    return tuple(
        Folder(name=f"subnet-{part}", path=f"fabrics/{fabric}/subnet-{part}", files=subnet.files)
        for subnet in infiniband_files(plan.design, plan.catalog, inventory, fabric)
        for part in [subnet.name.removeprefix(f"{fabric}-")]
    )


def _inventory(plan: Plan, guids_csv: str | None) -> GuidInventory:
    if guids_csv is not None:
        return load_guids(Path(guids_csv))
    beside = None if plan.site_folder is None else plan.site_folder / FILE
    return load_guids(beside) if beside is not None and beside.is_file() else NO_GUIDS
