"""What the loader says of a site file, and the catalog of its own files: codes with a page, found before any design."""

from __future__ import annotations

from gigasite.checks.registry import declare
from gigasite.errors import Severity

declare("SPC100", Severity.ERROR, "The site file can be read")
declare("SPC101", Severity.ERROR, "Every key is one that a site file knows")
declare("SPC102", Severity.ERROR, "What cannot be assumed is there")
declare("SPC103", Severity.ERROR, "A value is of the kind that its key asks for")
declare("SPC104", Severity.ERROR, "A value lies within its limits")
declare("SPC105", Severity.ERROR, "The site file is plain YAML")
declare("SPC110", Severity.ERROR, "A name is given once")
declare("SPC111", Severity.ERROR, "A name that is referred to exists")
declare("SPC112", Severity.ERROR, "A pool's fabric carries compute")
declare("SPC113", Severity.ERROR, "Hostnames fit into DNS")
declare("SPC120", Severity.ERROR, "The catalog knows the products that the site names")
declare("SPC121", Severity.ERROR, "A pool's system can be bought and racked")
declare("SPC122", Severity.ERROR, "A reference architecture is made for the pool's system")
declare("SPC123", Severity.ERROR, "A power cap lies below the system's maximum")
declare("SPC190", Severity.ERROR, "The files of a catalog folder are right")
