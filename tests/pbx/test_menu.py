"""The menu in the PBXs: what issabel-menumerge makes of menu.xml, and FreePBX's."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from massivesms_web.pages.sso import TARGETS
from tests.pbx.menumerge import Rights
from tests.pbx.sites import FREEPBX, ISSABEL

MENU = ISSABEL / "menu.xml"
ENTRIES = ("send", "campaigns", "lists", "messages", "trunks", "configuration")
ALL = {"administrator", "sms_supervisor", "sms_operator"}
OPENS = {
    **dict.fromkeys(("send", "campaigns", "lists", "messages"), ALL),
    "trunks": {"administrator", "sms_supervisor"},
    "configuration": {"administrator"},
}
MO = FREEPBX / "i18n/es_ES/LC_MESSAGES/massivesms.mo"


@pytest.fixture
def rights(tmp_path: Path) -> Iterator[Rights]:
    found = Rights(tmp_path)
    yield found
    found.close()


def test_every_entry_is_a_module_whose_rights_are_checked(rights: Rights) -> None:
    rights.merge(MENU)
    entries = {f"massivesms_{name}": ("massivesms", "module") for name in ENTRIES}
    assert rights.entries() == {"massivesms": ("", ""), **entries}


def test_every_entry_opens_to_its_groups(rights: Rights) -> None:
    rights.merge(MENU)
    assert {name: rights.opens(f"massivesms_{name}") for name in ENTRIES} == OPENS


def test_privileges_are_granted_to_the_groups_of_the_same_meaning(
    rights: Rights,
) -> None:
    rights.merge(MENU)
    expected = {"supervisor": {"sms_supervisor"}, "operator": {"sms_operator"}}
    assert rights.granted() == expected


def test_a_menu_can_be_merged_again(rights: Rights) -> None:
    rights.merge(MENU)
    before = (rights.entries(), rights.granted(), rights.opens("massivesms_send"))
    rights.merge(MENU)
    after = (rights.entries(), rights.granted(), rights.opens("massivesms_send"))
    assert after == before


def test_groups_that_the_pbx_has_already_are_not_taken_for_ours(
    rights: Rights,
) -> None:
    for n in range(40):
        rights.add_group(f"existing {n}")
    rights.merge(MENU)
    assert rights.opens("massivesms_send") == ALL


def test_every_module_entry_has_its_folder_and_every_folder_its_entry() -> None:
    ids = {item.get("menuid") for item in ET.parse(MENU).iter("menuitem")}
    folders = {folder.name for folder in (ISSABEL / "modules").iterdir()}
    assert ids == folders
    for name in ENTRIES:
        assert (ISSABEL / f"modules/massivesms_{name}/index.php").is_file()


def test_every_entry_asks_for_a_page_that_there_is() -> None:
    assert set(ENTRIES) <= set(TARGETS)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_menu_has_words_in_both_languages(language: str) -> None:
    file = ISSABEL / f"modules/massivesms/langmenu/{language}.lang"
    pairs = dict(re.findall(r"'(.+)' => '(.+)'", file.read_text(encoding="utf-8")))
    names = {item.get("desc") for item in ET.parse(MENU).iter("menuitem")}
    assert set(pairs) == names
    assert (pairs["SMS campaigns"] == "SMS campaigns") is (language == "en")


# --- FreePBX ------------------------------------------------------------------------


def module_xml() -> ET.Element:
    return ET.parse(FREEPBX / "module.xml").getroot()


def test_freepbx_has_the_same_entries_each_with_a_page() -> None:
    items = module_xml().find("menuitems")
    assert items is not None
    assert [item.tag for item in items] == [f"massivesms_{name}" for name in ENTRIES]
    for name in ENTRIES:
        page = (FREEPBX / f"page.massivesms_{name}.php").read_text()
        assert f"showPage('{name}')" in page


def test_freepbx_and_issabel_call_the_entries_alike() -> None:
    items = module_xml().find("menuitems")
    assert items is not None
    names = {
        item.get("menuid"): item.get("desc") for item in ET.parse(MENU).iter("menuitem")
    }
    assert {item.tag: item.text for item in items} == {
        key: value for key, value in names.items() if key != "massivesms"
    }


def test_freepbx_says_the_version_of_the_project() -> None:
    setup = (ISSABEL.parents[1] / "setup.cfg").read_text()
    assert f"\nversion = {module_xml().findtext('version')}\n" in setup


def test_freepbx_s_catalogue_is_complete_and_compiled() -> None:
    with MO.open("rb") as compiled, MO.with_suffix(".po").open("rb") as source:
        translated = {m.id: m.string for m in read_mo(compiled) if m.id}
        written = {m.id: m.string for m in read_po(source) if m.id}
    assert translated == written
    names = {item.text for item in module_xml().findall("menuitems/*")}
    assert set(translated) == {*names, module_xml().findtext("name")}
