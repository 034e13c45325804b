"""Sections of a plan file that speak of constraints: each switches a family of docs/model.md section 4 on or gives
it numbers. Scalars take default, unit and range from `parameters.py`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from lustrum.planning.parameters import parameter


class Section(BaseModel):
    """A part of a plan file: unknown keys are errors, values cannot be changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class Growing(Section):
    """A value that grows at a constant rate: start · (1 + growth)^t, t = 0 in the base year."""

    start: float = Field(description="value of the base year")
    growth: float = Field(gt=-1, le=10, description="rate per year")


class Ramp(Section):
    """A value on a straight line from the base year (`from`) to the last plan year (`to`)."""

    begin: float = Field(alias="from", description="value of the base year")
    end: float = Field(alias="to", description="value of the last plan year")


#: A number for every plan year, `{2022: 1.6, …}` for the named years only, a growing value, or a ramp.
Figure = Annotated[float, Field(strict=True)]
Path_ = float | dict[int, float] | Growing | Ramp
Basis = Literal["base", "absolute"]


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


#: One code, a list of codes, or `all`.
Codes = Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]
ALL: list[str] = ["all"]


class Horizon(Section):
    """How long the plan is."""

    years: int = parameter("horizon.years")


class Technology(Section):
    """When inputs, labour and building work are spent (λ, φ) and how labour productivity grows."""

    input_lag: int = parameter("technology.input_lag")
    labour_productivity_growth: float = parameter("technology.labour_productivity_growth")
    gestation: dict[str, list[float]] = Field(
        default_factory=dict,
        description="asset -> shares of the building work done 0, 1, 2 … years before it is put in place; sum 1",
    )

    @field_validator("gestation")
    @classmethod
    def _shares(cls, value: dict[str, list[float]]) -> dict[str, list[float]]:
        for asset, shares in value.items():
            if not shares or min(shares) < 0 or abs(sum(shares) - 1) > 1e-9 or len(shares) > 11:
                raise ValueError(f"gestation of {asset!r} must be shares >= 0 that sum to 1 (at most 11), not {shares}")
        return value


class Population(Section):
    growth: float = parameter("population.growth")


class Labour(Section):
    """Constraint 4."""

    enforce: bool = parameter("labour.enforce")
    supply_growth: float = parameter("labour.supply_growth")


class Capacity(Section):
    """Constraint 2."""

    enforce: bool = parameter("capacity.enforce")


class CommittedDemand(Section):
    growth: float = parameter("committed_demand.growth")


class Scaling(Section):
    """One figure of the accounts, changed for this plan alone: exactly one of `times`, `plus`, `to`."""

    datum: str = Field(min_length=1, description="name of a field of the accounts, as in docs/tables.md")
    product: Codes = ALL
    activity: Codes = ALL
    asset: Codes = ALL
    skill: Codes = ALL
    household: Codes = ALL
    need: Codes = ALL
    partner: Codes = ALL
    resource: Codes = ALL
    region: Codes = ALL
    years: list[int] | None = Field(None, description="calendar years of the plan; if absent: always")
    times: float | None = None
    plus: float | None = None
    to: float | None = None

    @model_validator(mode="after")
    def _one(self) -> Scaling:
        if sum(v is not None for v in (self.times, self.plus, self.to)) != 1:
            raise ValueError("give exactly one of times, plus, to")
        return self


class Floor(Section):
    """A floor under consumption: relative to base consumption per head, or absolute."""

    need: Codes = ALL
    household: Codes = ALL
    at_least: Path_
    basis: Basis = "base"


class LivingStandard(Section):
    """Constraint 10. Later floors speak over earlier ones for the same household, need and year."""

    floors: list[Floor] = []
    no_fall: bool = parameter("living_standard.no_fall")


class TradeLimit(Section):
    """Constraint 6: a ceiling or floor on imports or exports of a product with a partner."""

    flow: Literal["imports", "exports"]
    product: Codes = ALL
    partner: Codes = ALL
    at_most: Path_ | None = None
    at_least: Path_ | None = None
    basis: Basis = "base"
    overrides_band: bool = Field(
        False, description="where this entry sets a limit, the import share band or export band does not hold"
    )

    @model_validator(mode="after")
    def _something(self) -> TradeLimit:
        if self.at_most is None and self.at_least is None:
            raise ValueError("give at_most or at_least")
        return self


class SelfSufficiency(Section):
    """Constraint 7: domestic output of a product as a share of output + imports - exports."""

    product: Codes
    at_least: Path_


class Trade(Section):
    """Constraints 5, 6, 7."""

    enabled: bool = parameter("trade.enabled")
    exchange: bool = parameter("trade.exchange")
    interest_rate: float = parameter("trade.interest_rate")
    debt_ceiling: Path_ | None = Field(None, description="absolute; if absent: the opening debt of each region")
    final_debt_ceiling: float | None = Field(None, description="absolute, last year; if absent: the opening debt")
    new_trade: bool = parameter("trade.new_trade")
    import_share_band: float | None = parameter("trade.import_share_band")
    export_growth: float = parameter("trade.export_growth")
    export_band: float | None = parameter("trade.export_band")
    limits: list[TradeLimit] = []
    self_sufficiency: list[SelfSufficiency] = []


class Reserve(Section):
    """Constraint 8: product stocks at the end of a year (basis `base`: times the opening stock)."""

    product: Codes
    at_least: Path_
    basis: Basis = "absolute"


class AssetLimit(Section):
    """A ceiling on investment, or a floor under closing stocks, by asset and activity."""

    asset: Codes = ALL
    activity: Codes = ALL
    value: Path_ = Field(alias="at_most")
    basis: Basis = "base"


class Investment(Section):
    """Constraint 9."""

    stock_growth_cap: float | None = parameter("investment.stock_growth_cap")
    ceilings: list[AssetLimit] = []


class OutputBand(Section):
    down: float | None = parameter("adjustment.output.down")
    up: float | None = parameter("adjustment.output.up")
    step: float | None = parameter("adjustment.output.step")
    exempt: list[str] = Field([], description="activities without a band")


class InvestmentBand(Section):
    down: float | None = parameter("adjustment.investment.down")
    up: float | None = parameter("adjustment.investment.up")
    step: float | None = parameter("adjustment.investment.step")
    exempt: list[str] = Field([], description="activities without a band")


class Adjustment(Section):
    """Constraint 13."""

    output: OutputBand = OutputBand()
    investment: InvestmentBand = InvestmentBand()


class ResourceBudget(Section):
    """Constraint 11; basis `base`: times the budget in the accounts."""

    resource: Codes
    at_most: Path_
    basis: Basis = "absolute"


Quantity = Literal[
    "output",
    "production",
    "imports",
    "exports",
    "stock",
    "investment",
    "capital",
    "consumption",
    "debt",
    "labour",
    "resource",
]


class Term(Section):
    """factor × a quantity of the plan, summed over the labels named (all of a dimension where none is)."""

    of: Quantity
    activity: Codes = ALL
    product: Codes = ALL
    partner: Codes = ALL
    asset: Codes = ALL
    household: Codes = ALL
    need: Codes = ALL
    region: Codes = ALL
    skill: Codes = ALL
    resource: Codes = ALL
    factor: Path_ = 1.0


class Elastic(Section):
    """A target that may be missed at a price: lower classes are served first."""

    priority: int = Field(1, ge=1, le=99, description="class; 1 is served before 2")
    weight: float = Field(1.0, gt=0, description="weight of a shortfall of the whole target within the class")


class Task(Section):
    """Constraint 12: a linear statement over the plan, in each of the named years or over their sum."""

    name: str = Field(min_length=1, max_length=80)
    terms: list[Term] = Field(min_length=1)
    years: list[int] | None = Field(None, description="calendar years; if absent: every plan year")
    over: Literal["each_year", "sum"] = "each_year"
    at_least: Path_ | None = None
    at_most: Path_ | None = None
    equals: Path_ | None = None
    elastic: Elastic | None = None

    @model_validator(mode="after")
    def _one(self) -> Task:
        if sum(v is not None for v in (self.at_least, self.at_most, self.equals)) != 1:
            raise ValueError("give exactly one of at_least, at_most, equals")
        if self.over == "sum" and not isinstance(self._target(), (int, float)):
            raise ValueError("a target over the sum of years is one number")
        return self

    def _target(self) -> Path_ | None:
        return next(v for v in (self.at_least, self.at_most, self.equals) if v is not None)


class OutputFloor(Section):
    activity: Codes = ALL
    at_least: float
    basis: Basis = "absolute"


class StockFloor(Section):
    asset: Codes = ALL
    activity: Codes = ALL
    at_least: float
    basis: Basis = "base"


class Terminal(Section):
    """Constraint 14."""

    rule: Literal["growth", "stocks", "output_floor", "none"] = "growth"
    growth: float = parameter("terminal.growth")
    stocks: list[StockFloor] = []
    years: int = parameter("terminal.years")
    output_floors: list[OutputFloor] = []
    product_stocks: bool = parameter("terminal.product_stocks")
