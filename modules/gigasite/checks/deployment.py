"""What comes up once hardware is there: cables as they were plugged.

No check of a design finds these: `gigasite verify` reports them.
"""

from __future__ import annotations

from gigasite.checks.registry import declare
from gigasite.errors import Severity

declare("DEP111", Severity.ERROR, "Every designed cable is there")
declare("DEP112", Severity.ERROR, "Every cable leads where it should")
declare("DEP113", Severity.ERROR, "No cables are in each other's ports")
declare("DEP114", Severity.ERROR, "The rails of a node are in their order")
declare("DEP115", Severity.ERROR, "No devices are in each other's place")
declare("DEP116", Severity.ERROR, "Every device is seen by its neighbours")
declare("DEP117", Severity.WARNING, "There is no cable that the design does not have")
declare("DEP118", Severity.ERROR, "Every cable runs at its designed speed")
declare("DEP119", Severity.INFO, "Every cable was looked at")
declare("DEP120", Severity.WARNING, "Devices do not contradict each other about a cable")
