"""Which of several sources of a setting wins, and what is said of those that cannot be used."""

import json
from pathlib import Path

import pytest

from vext_desktop.settings import LoadedSettings, Settings, Source, reindexing_names
from vext_desktop.settings.declaration import Acts, Group, setting_extra
from vext_desktop.settings.sources import change_settings_file, load_settings


def load(
    folder: Path,
    saved: dict[str, object] | None = None,
    dotenv: str = "",
    environment: dict[str, str] | None = None,
    **flags: object,
) -> LoadedSettings:
    settings_file, dotenv_file = folder / "settings.json", folder / ".env"
    if saved is not None:
        settings_file.write_text(json.dumps(saved), encoding="utf-8")
    if dotenv:
        dotenv_file.write_text(dotenv, encoding="utf-8")
    return load_settings(settings_file, (dotenv_file,), environment or {}, flags)


def messages(loaded: LoadedSettings) -> str:
    return "\n".join(notice.message for notice in loaded.notices)


def test_without_any_source_every_setting_has_its_default(tmp_path: Path) -> None:
    assert load(tmp_path) == LoadedSettings(Settings(), ())


def test_a_flag_wins_over_environment_over_dotenv_over_file_over_default(tmp_path: Path) -> None:
    sources = {
        "saved": {"batch_size": 2},
        "dotenv": "VEXT_BATCH_SIZE=3\n",
        "environment": {"VEXT_BATCH_SIZE": "4"},
        "batch_size": 5,
    }
    found = []
    for name in reversed(list(sources)):
        found.append(load(tmp_path, **sources).settings.batch_size)
        del sources[name]
        (tmp_path / ".env").unlink(missing_ok=True)
        (tmp_path / "settings.json").unlink(missing_ok=True)
    assert [*found, load(tmp_path).settings.batch_size] == [5, 4, 3, 2, 8]


def test_the_names_of_the_ancestor_work_in_dotenv_as_they_are(tmp_path: Path) -> None:
    text = "EMBEDDING_PROVIDER=huggingface\nCHUNK_SIZE=1200\nCHUNK_OVERLAP=150\n"
    loaded = load(tmp_path, dotenv=text)
    settings = loaded.settings
    assert (settings.provider, settings.chunk_size, settings.chunk_overlap) == (
        "huggingface",
        1200,
        150,
    )
    assert loaded.notices == ()


def test_our_own_name_wins_over_the_ancestors_in_the_same_source(tmp_path: Path) -> None:
    for environment in (
        {"CHUNK_SIZE": "700", "VEXT_CHUNK_SIZE": "900"},
        {"VEXT_CHUNK_SIZE": "900", "CHUNK_SIZE": "700"},
    ):
        assert load(tmp_path, environment=environment).settings.chunk_size == 900


def test_a_bad_value_gives_way_to_the_source_below_and_is_told(tmp_path: Path) -> None:
    loaded = load(tmp_path, saved={"batch_size": 4}, environment={"VEXT_BATCH_SIZE": "many"})
    assert loaded.settings.batch_size == 4
    assert "batch_size = 'many' in the environment is left out" in messages(loaded)


@pytest.mark.parametrize("value", ["0", "-8", "1e9", "8.5", "none"])
def test_a_value_out_of_its_limits_is_left_out_with_a_notice(tmp_path: Path, value: str) -> None:
    loaded = load(tmp_path, environment={"VEXT_BATCH_SIZE": value})
    assert loaded.settings.batch_size == 8
    assert len(loaded.notices) == 1


def test_an_unknown_name_of_ours_is_told_in_every_source(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        saved={"speed": 1},
        dotenv="VEXT_SPEED=2\n",
        environment={"VEXT_PACE": "3"},
        haste=4,
    )
    assert {notice.name for notice in loaded.notices} == {
        "speed",
        "VEXT_SPEED",
        "VEXT_PACE",
        "haste",
    }
    assert loaded.settings == Settings()


def test_other_programs_variables_are_nobodys_business(tmp_path: Path) -> None:
    loaded = load(tmp_path, dotenv="DATABASE_URL=x\n", environment={"PATH": "/bin", "EDITOR": "vi"})
    assert loaded.notices == ()


def test_a_variable_that_is_set_to_nothing_counts_as_not_set(tmp_path: Path) -> None:
    loaded = load(tmp_path, environment={"CHUNK_SIZE": "", "VEXT_BATCH_SIZE": ""})
    assert loaded == LoadedSettings(Settings(), ())


def test_nothing_in_dotenv_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "taken from elsewhere")
    loaded = load(tmp_path, dotenv="VEXT_MODEL=${SECRET}\n")
    assert loaded.settings.model == "${SECRET}"


def test_a_dotenv_that_is_no_text_is_told_and_left_out(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"CHUNK_SIZE=\xff\xfe\x00")
    loaded = load(tmp_path)
    assert loaded.settings == Settings()
    assert "could not be read" in messages(loaded)


@pytest.mark.parametrize("text", ["{", "[1, 2]", '"chunk_size"', "\x00"])
def test_a_broken_settings_file_is_told_and_left_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text, encoding="utf-8")
    loaded = load(tmp_path)
    assert loaded.settings == Settings()
    assert "settings.json" in messages(loaded)


def test_the_first_of_two_dotenv_files_wins(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("CHUNK_SIZE=500\n", encoding="utf-8")
    second.write_text("CHUNK_SIZE=600\nVEXT_BATCH_SIZE=4\n", encoding="utf-8")
    settings = load_settings(None, (first, second), {}).settings
    assert (settings.chunk_size, settings.batch_size) == (500, 4)


def test_a_small_chunk_size_alone_brings_an_overlap_that_fits(tmp_path: Path) -> None:
    loaded = load(tmp_path, environment={"CHUNK_SIZE": "300"})
    assert (loaded.settings.chunk_size, loaded.settings.chunk_overlap) == (300, 60)
    assert loaded.notices == ()


def test_an_overlap_that_does_not_fit_its_chunk_size_is_told(tmp_path: Path) -> None:
    loaded = load(tmp_path, environment={"CHUNK_SIZE": "300", "CHUNK_OVERLAP": "200"})
    assert (loaded.settings.chunk_size, loaded.settings.chunk_overlap) == (300, 60)
    assert "chunk_overlap must be at most half of chunk_size" in messages(loaded)


def test_of_two_settings_that_exclude_each_other_the_higher_source_stands(tmp_path: Path) -> None:
    saved = {"chunk_size": 1000, "chunk_overlap": 400}
    loaded = load(tmp_path, saved=saved, chunk_size=500)
    assert (loaded.settings.chunk_size, loaded.settings.chunk_overlap) == (500, 200)
    assert "chunk_overlap = 400 in settings.json is left out" in messages(loaded)


def test_a_pair_from_a_higher_source_is_not_measured_by_a_lower_one(tmp_path: Path) -> None:
    saved = {"chunk_size": 1000, "chunk_overlap": 400}
    environment = {"CHUNK_SIZE": "500", "CHUNK_OVERLAP": "100"}
    loaded = load(tmp_path, saved=saved, environment=environment)
    assert (loaded.settings.chunk_size, loaded.settings.chunk_overlap) == (500, 100)
    assert loaded.notices == ()


def test_a_delay_alone_moves_the_other_end_out_of_its_way(tmp_path: Path) -> None:
    low = load(tmp_path, environment={"VEXT_DELAY_MIN_MS": "900"}).settings
    high = load(tmp_path, environment={"VEXT_DELAY_MAX_MS": "100"}).settings
    assert (low.delay_min_ms, low.delay_max_ms) == (900, 900)
    assert (high.delay_min_ms, high.delay_max_ms) == (100, 100)


def test_a_list_is_written_with_commas(tmp_path: Path) -> None:
    loaded = load(tmp_path, environment={"VEXT_SKIP_FOLDERS": "build, dist ,"})
    assert loaded.settings.skip_folders == ("build", "dist")


def test_changes_are_saved_beside_what_the_file_says_and_a_default_leaves_it(
    tmp_path: Path,
) -> None:
    place = tmp_path / "new" / "settings.json"
    change_settings_file(place, {"batch_size": 4, "skip_folders": ("build",)})
    change_settings_file(place, {"batch_size": 8, "max_pages": 7})
    saved = {"skip_folders": ["build"], "max_pages": 7}
    assert json.loads(place.read_text(encoding="utf-8")) == saved
    loaded = load_settings(place, environment={})
    assert (loaded.settings.skip_folders, loaded.settings.max_pages) == (("build",), 7)
    assert [path.name for path in place.parent.iterdir()] == ["settings.json"]


def test_saving_leaves_what_another_version_wrote(tmp_path: Path) -> None:
    place = tmp_path / "settings.json"
    place.write_text('{"of_tomorrow": 1}', encoding="utf-8")
    change_settings_file(place, {"batch_size": 4})
    assert json.loads(place.read_text(encoding="utf-8")) == {"of_tomorrow": 1, "batch_size": 4}


def test_it_is_known_where_each_value_comes_from_and_whether_the_file_can_change_it(
    tmp_path: Path,
) -> None:
    loaded = load(
        tmp_path,
        saved={"max_pages": 5, "batch_size": 2},
        dotenv="CHUNK_SIZE=900\n",
        environment={"VEXT_BATCH_SIZE": "4"},
        engine="torch",
    )
    found = {name: (origin.source, origin.is_held) for name, origin in loaded.origins.items()}
    assert found == {
        "max_pages": (Source.FILE, False),
        "batch_size": (Source.ENVIRONMENT, True),
        "chunk_size": (Source.DOTENV, True),
        "engine": (Source.FLAG, True),
    }
    assert loaded.origins["batch_size"].words == "VEXT_BATCH_SIZE in the environment"
    assert loaded.origins["chunk_size"].words == f"CHUNK_SIZE in {tmp_path / '.env'}"


def test_a_misspelt_name_of_the_ancestor_in_dotenv_is_told_with_what_was_meant(
    tmp_path: Path,
) -> None:
    loaded = load(tmp_path, dotenv="CHUNK_SIZES=900\nDATABASE_URL=elsewhere\n")
    assert [notice.name for notice in loaded.notices] == ["CHUNK_SIZES"]
    assert messages(loaded).endswith("is not a setting: left out. Did you mean CHUNK_SIZE?")


def test_every_setting_stands_in_a_group_and_says_when_a_change_counts() -> None:
    for field in Settings.model_fields.values():
        extra = setting_extra(field)
        assert isinstance(extra["group"], Group)
        assert isinstance(extra["acts"], Acts)


def test_what_decides_about_text_and_vectors_is_marked_as_reindexing() -> None:
    local = {"provider", "model", "chunk_size", "chunk_overlap"}
    of_services = {
        "openai_model", "openai_url", "cohere_model", "cohere_url", "ollama_model", "ollama_url",
        "service_dimension", "service_max_tokens",
    }  # fmt: skip
    assert reindexing_names() == local | of_services


def test_every_setting_has_a_label_for_people() -> None:
    assert all(field.title for field in Settings.model_fields.values())
