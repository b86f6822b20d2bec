"""Train, evaluate, promote and score: each one run, repeatable, and safe to be killed in."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from models_ml.pd import record
from models_ml.pd import train as steps
from models_ml.pd.booster import vintage_offset
from models_ml.pd.score import band, month_end, score
from models_ml.pd.train import PromotionTerms, evaluate, promote, refresh, train, verdict
from models_ml.registry import NoSuchModel, Registry, Version
from tests.models_ml.book import LAST_DAY, invented, lay
from warehouse.contracts.features import SCORES
from warehouse.home import Home
from warehouse.lake import Lake

TERMS = PromotionTerms()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A home whose model has been through all steps once."""
    home = Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("house"))})
    lake = Lake(home)
    lay(lake, invented())
    refresh(lake)
    score(lake)
    return lake


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The same book in another home, built by itself."""
    lake = Lake(Home.from_environment({"LENDHOUSE_HOME": str(tmp_path_factory.mktemp("twin"))}))
    lay(lake, invented())
    refresh(lake)
    score(lake)
    return lake


def runs(home: Home, step: str) -> int:
    registry = Registry(home, "pd")
    return len(registry.client().search_runs([registry.experiment()], f"tags.`lendhouse.step` = '{step}'"))


def scores(lake: Lake) -> pl.DataFrame:
    connection = lake.open_reader(head=True)
    frame = connection.execute(f"from lake.{SCORES.qualified} order by loan_id").pl()
    connection.close()
    return frame


def test_the_reported_term_is_found_and_kept_out(built: Lake) -> None:
    report = steps.examine(steps.snapshot(built).filter("is_label_mature"))
    telling = report.filter((pl.col("column") == "term_months_reported") & pl.col("is_found"))
    assert "is not a multiple of 12" in telling["view"].to_list()
    registry = Registry(built.home, "pd")
    used = registry.client().get_run(registry.champion().run_id).data.params["features"]
    assert "term" not in used
    assert "amount_sanctioned" in used


def test_figures_are_out_of_time_and_plausible(built: Lake) -> None:
    figures = evaluate(built).metrics
    assert 0.6 < figures["auc"] < 0.8
    assert figures["loans"] < steps.snapshot(built).height / 2


def test_each_step_is_one_run(built: Lake) -> None:
    assert [runs(built.home, step) for step in ("train", "evaluate", "promote", "score")] == [1, 1, 1, 1]


def test_the_same_inputs_are_not_trained_again(built: Lake) -> None:
    before, kept = scores(built), runs(built.home, "train")
    again = refresh(built)
    scored = score(built)
    assert again.trained.is_reused
    assert (again.promoted.champion_version, again.promoted.is_promoted) == (1, False)
    assert (scored.rows_written, scored.rows) == (0, before.height)
    assert scores(built).equals(before)
    assert runs(built.home, "train") == kept


def test_training_elsewhere_gives_the_same_model(built: Lake, twin: Lake) -> None:
    assert train(twin).metrics == train(built).metrics
    assert evaluate(twin).metrics == evaluate(built).metrics
    assert scores(twin).equals(scores(built))


def test_scores_keep_their_contract(built: Lake) -> None:
    frame = scores(built)
    assert frame.columns == [field.name for field in SCORES.fields]
    assert frame.select(SCORES.grain).is_duplicated().sum() == 0
    assert frame["probability_of_default"].is_between(0, 1).all()
    assert frame["as_of"].unique().to_list() == [month_end(LAST_DAY)]
    assert frame.null_count().sum_horizontal().item() == 0


def test_only_the_models_own_scores_are_replaced(built: Lake, twin: Lake) -> None:
    with twin.open_writer("another model's scores") as connection:
        connection.execute(
            f"insert into lake.{SCORES.qualified} select * replace ('lgd' as model_name) from lake.{SCORES.qualified}"
        )
        connection.execute(f"update lake.{SCORES.qualified} set probability_of_default = 1 where model_name = 'pd'")
    assert score(twin).rows_written == scores(built).height
    frame = scores(twin)
    assert frame.filter(pl.col("model_name") == "pd").equals(scores(built))
    assert frame.filter(pl.col("model_name") == "lgd").height == scores(built).height


def test_the_models_page_says_what_it_is(built: Lake) -> None:
    registry = Registry(built.home, "pd")
    client = registry.client()
    assert client.get_registered_model("pd").description == record.roomy(steps.CARD.read_text())
    page = client.get_model_version("pd", "1")
    assert page.aliases == ["champion"]
    assert "Judged out of time" in page.description
    assert {"fingerprint", "learnt_until", "judged_from", "test_auc", "promotion"} <= set(page.tags)
    files = {file.path for file in client.list_artifacts(registry.last_run("evaluate", 1).info.run_id)}
    assert {"roc.png", "calibration.png", "calibration.csv", "segments.csv"} <= files


def test_the_model_states_its_inputs_and_requirements(built: Lake) -> None:
    registry = Registry(built.home, "pd")
    info = registry.mlflow().models.get_model_info("models:/pd@champion")
    assert info.signature is not None
    assert "amount_sanctioned" in info.signature.inputs.input_names()
    assert (Path(registry.mlflow().artifacts.download_artifacts("models:/pd@champion")) / "requirements.txt").exists()


def test_a_killed_training_leaves_nothing_in_the_way(lake: Lake) -> None:
    """Nor does an evaluation that never came: promotion asks for it."""
    lay(lake, invented(3000))
    registry = Registry(lake.home, "pd")
    left = registry.client().create_run(registry.experiment(), tags={"lendhouse.step": "train"})
    assert train(lake).model_version == 1
    assert registry.client().get_run(left.info.run_id).info.status == "KILLED"
    with pytest.raises(NoSuchModel, match="has not been evaluated; run `lendhouse model evaluate pd`"):
        promote(lake.home)


def test_scoring_wants_a_champion(lake: Lake) -> None:
    lay(lake, invented(1000))
    with pytest.raises(NoSuchModel, match="no champion; run `lendhouse model promote pd`"):
        score(lake)


def test_a_book_without_charge_offs_is_refused(lake: Lake) -> None:
    book = invented(300)
    lay(lake, type(book)(book.applications, book.loans, book.outcomes.clear()))
    with pytest.raises(ValueError, match="no charge-off is known"):
        train(lake)


CHAMPION = Version("pd", 1, "run", "models:/pd/1", None, {})


@pytest.mark.parametrize(
    ("figures", "champion", "is_promoted", "why"),
    [
        ({"auc": 0.66, "calibration_error": 0.03}, None, True, "first version"),
        ({"auc": 0.54, "calibration_error": 0.03}, None, False, "below the floor"),
        ({"auc": 0.88, "calibration_error": 0.03}, None, False, "look for leakage"),
        ({"auc": 0.66, "calibration_error": 0.03}, CHAMPION, True, "cannot be computed"),
        (
            {"auc": 0.66, "calibration_error": 0.03, "champion_auc": 0.662, "champion_calibration_error": 0.03},
            CHAMPION,
            True,
            "not worse",
        ),
        (
            {"auc": 0.66, "calibration_error": 0.03, "champion_auc": 0.67, "champion_calibration_error": 0.03},
            CHAMPION,
            False,
            "worse",
        ),
        (
            {"auc": 0.70, "calibration_error": 0.05, "champion_auc": 0.66, "champion_calibration_error": 0.03},
            CHAMPION,
            False,
            "worse",
        ),
    ],
)
def test_a_challenger_must_be_plausible_and_not_worse(
    figures: dict[str, float], champion: Version | None, is_promoted: bool, why: str
) -> None:
    decided, reason = verdict(figures, champion, TERMS)
    assert (decided, reason.startswith(why) or why in reason) == (is_promoted, True)


def test_new_outcomes_make_a_challenger_judged_on_the_same_loans(lake: Lake) -> None:
    lay(lake, invented(3000))
    refresh(lake)
    lay(lake, invented(3300, seed=8))
    second = refresh(lake)
    assert second.trained.model_version == 2
    assert "champion_auc" in second.evaluated.metrics
    assert second.promoted.champion_version == (2 if second.promoted.is_promoted else 1)
    # the other way round: the first version was never compared with the second
    registry = Registry(lake.home, "pd")
    registry.make_champion(registry.version(2))
    unjudged = steps.promote(lake.home, version=1)
    assert not unjudged.is_promoted
    assert unjudged.champion_version == 2
    assert "not against version 2, the champion now; evaluate it again" in unjudged.reason
    assert "champion_auc" in steps.evaluate(lake, version=1).metrics
    assert "of version 2 on the same loans" in steps.promote(lake.home, version=1).reason


@pytest.mark.parametrize(
    ("probability", "code"), [(0.0, "A"), (0.009999, "A"), (0.01, "B"), (0.069, "D"), (0.12, "F"), (0.2, "G"), (1, "G")]
)
def test_bands_begin_at_their_cut_off(probability: float, code: str) -> None:
    frame = pl.DataFrame({"p": [float(probability)]})
    assert frame.select(band(pl.col("p"), LAST_DAY)).item() == code


def test_offset_is_the_log_odds_of_the_vintage() -> None:
    event = pl.Series([True, False, False, False, True, True]).to_numpy()
    offset = vintage_offset(event, pl.Series([2000] * 4 + [2001] * 2).to_numpy())
    assert offset[0] == pytest.approx(-1.0986, abs=1e-4)
    assert offset[4] == pytest.approx(1.0986, abs=1e-4)  # all failed: one and a half of two


def test_card_fits_on_the_models_page() -> None:
    assert len(record.roomy(steps.CARD.read_text())) <= 5000
