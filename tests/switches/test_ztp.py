"""Files for new switches: what they fetch, and that nothing but HTTPS is taken."""

from __future__ import annotations

import json
import subprocess

import pytest

from gigasite.errors import GigasiteError
from gigasite.render.switch.systems import operating_systems
from gigasite.render.switch.ztp import ztp_files

SERVER = "https://provision.example.com/switches"


def test_sonic_takes_its_routing_first_and_its_tables_by_serial_number():
    sections = json.loads(ztp_files("sonic", SERVER)["ztp.json"])["ztp"]
    assert list(sections) == sorted(sections) == ["01-frr", "02-configdb-json"]
    assert sections["02-configdb-json"]["dynamic-url"]["source"] == {
        "prefix": f"{SERVER}/by-serial/",
        "identifier": "serial-number",
        "suffix": "/config_db.json",
    }


@pytest.mark.parametrize("os", operating_systems())
def test_scripts_are_sound_and_fetch_by_https_with_its_certificate_checked(os):
    for name, text in ztp_files(os, SERVER).items():
        assert SERVER in text
        assert "--insecure" not in text
        assert '"secure": false' not in text
        if name.endswith(".sh"):
            subprocess.run(["bash", "-n"], input=text, text=True, check=True)


@pytest.mark.parametrize(
    "server", ["http://a.example", "https://a/$(id)", "https://a b", 'https://a/"', "", "https://a/"]
)
def test_other_addresses_are_refused(server):
    with pytest.raises(GigasiteError, match="no plain https"):
        ztp_files("sonic", server)
