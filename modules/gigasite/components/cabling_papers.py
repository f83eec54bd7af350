"""The papers of a fabric's cabling: bill of materials, and what each crew takes along."""

from __future__ import annotations

from gigasite.catalog.load import Catalog
from gigasite.design.model import Design
from gigasite.exports.bom import bom_files
from gigasite.exports.crews import crew_schedules, product_totals, pull_list, sheet
from gigasite.exports.folders import Folder
from gigasite.exports.text import csv
from gigasite.render.crew_page import crew_page


def cabling_papers(design: Design, fabric: str, catalog: Catalog) -> tuple[Folder, ...]:
    """A folder with the bill of materials, and one for each crew: schedule with labels, pull list, page."""
    root = f"fabrics/{fabric}/cabling"
    found = [Folder("cabling", root, bom_files(design, fabric, catalog))]
    for crew, schedule in crew_schedules(design, fabric).items():
        files = {
            "schedule.csv": csv(sheet(schedule)),
            "pull.csv": csv(pull_list(schedule)),
            "schedule.html": crew_page(design.site, fabric, crew, schedule, product_totals(schedule)),
        }
        found.append(Folder(f"cabling-{crew}", f"fabrics/{fabric}/cabling-{crew}", files))
    return tuple(found)
