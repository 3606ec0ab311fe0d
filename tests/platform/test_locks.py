"""Lock files: versions and hashes, no addresses; what runs is part of what is tested; `dev` needs nothing."""

import ast
import importlib.util
import json
import re
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from tests.platform.processes import ROOT

LOCKS = sorted((ROOT / "locks").glob("*.txt"))
PINNED = re.compile(r"^([a-z0-9._-]+)==([^ \\;]+)", re.MULTILINE | re.IGNORECASE)


def load_dev() -> ModuleType:
    loader = SourceFileLoader("greenroom_dev", str(ROOT / "dev"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def pinned(name: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / "locks" / name).read_text()))


@pytest.mark.parametrize("path", [*LOCKS, ROOT / "web" / "package-lock.json"], ids=lambda path: path.name)
def test_a_lock_file_names_no_address(path: Path) -> None:
    text = path.read_text()
    for forbidden in ("://", "file:", "git+", "index-url", "find-links", "localhost"):
        assert forbidden not in text


@pytest.mark.parametrize("path", [path for path in LOCKS if path.stem != "overrides"], ids=lambda path: path.name)
def test_every_package_has_a_version_and_hashes(path: Path) -> None:
    blocks = re.split(r"\n(?=\S)", path.read_text().strip())
    for block in blocks:
        assert PINNED.match(block), block
        assert "--hash=sha256:" in block, block


def test_every_front_end_package_has_a_checksum() -> None:
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    assert all(package["integrity"].startswith("sha512-") for name, package in packages.items() if name)


def test_tests_run_on_what_is_delivered() -> None:
    development = pinned("dev.txt")
    for name in ("app.txt", "web.txt"):
        assert pinned(name).items() <= development.items()


def test_the_script_needs_only_the_standard_library() -> None:
    tree = ast.parse((ROOT / "dev").read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= set(sys.stdlib_module_names)


def test_addresses_are_found_and_taken_out(temporary_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dev = load_dev()
    (temporary_folder / "app.txt").write_text("a==1\n--index-url elsewhere\nb @ git+ssh\n")
    web = temporary_folder / "web"
    web.mkdir()
    package = {"version": "1", "resolved": "https://example.org/a.tgz", "funding": {"url": "https://example.org"}}
    (web / "package-lock.json").write_text(json.dumps({"packages": {"a": package}}, indent=1))
    for name, place in (("ROOT", temporary_folder), ("LOCKS", temporary_folder), ("WEB", web)):
        monkeypatch.setattr(dev, name, place)
    fine, said = dev.check_locks()
    assert not fine
    assert [line.split(": ")[0] for line in said.splitlines()] == [
        "app.txt:2",
        "app.txt:3",
        "web/package-lock.json:5",
        "web/package-lock.json:7",
    ]
    dev.strip_addresses(web / "package-lock.json")
    assert "example.org" not in (web / "package-lock.json").read_text()


def test_a_stamp_changes_with_every_byte(temporary_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dev = load_dev()
    monkeypatch.setattr(dev, "ROOT", temporary_folder)
    (temporary_folder / "a").mkdir()
    file = temporary_folder / "a" / "b"
    seen = set()
    for content in ("1", "2"):
        file.write_text(content)
        seen.add(dev.digest([temporary_folder / "a"]))
    seen.add(dev.digest([temporary_folder / "a"], "more"))
    file.rename(file.with_name("c"))
    seen.add(dev.digest([temporary_folder / "a"]))
    assert len(seen) == 4


def test_what_a_program_said_last_is_the_reason(temporary_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dev = load_dev()
    monkeypatch.setattr(dev, "TOOLS", temporary_folder)
    with pytest.raises(dev.DevError, match=r"^Trying did not work: no such wheel \(all of it: .*last\.log\)$"):
        dev.call("Trying", ["/bin/sh", "-c", "echo no such wheel; exit 3"])
    with pytest.raises(dev.DevError, match=r"could not be started"):
        dev.call("Trying", [temporary_folder / "missing"])


def test_a_python_without_venv_is_one_sentence(temporary_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dev = load_dev()
    monkeypatch.setattr(dev, "TOOLS", temporary_folder)
    monkeypatch.setattr(dev.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(dev.DevError, match="this Python has no venv module: install it"):
        dev.install_uv()


@pytest.mark.parametrize(("words", "status"), [([], 2), (["--help"], 0), (["fly"], 2), (["bench", "nothing"], 1)])
def test_an_unknown_word_shows_what_there_is(words: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert load_dev().main(words) == status
    assert "".join(capsys.readouterr())
