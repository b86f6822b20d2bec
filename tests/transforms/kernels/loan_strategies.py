"""Loans for property tests: terms over all features, and what plausibly happens to them.

Belongs here: values that a document could hold (a test reads each back through the parser). Does not: broken documents.
State-dependent refusals may come of them: two engines then have to refuse the same field.

Sizes, rates and tenors are those of Indian retail loans most of the time, and at the edges of what is allowed now and
then. Events are placed by the contractual schedule, so that payments hit dues exactly, nearly, early, late or in part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate, pairwise

from hypothesis import strategies as st

from tests.transforms.kernels import reference_loan
from transforms.kernels.figures import Installment
from transforms.kernels.loan import (
    ZERO,
    CustomRow,
    Event,
    Fee,
    ForeclosureTerms,
    Grace,
    Loan,
    LoanRefused,
    LoanRounding,
    Penal,
    RepayEvery,
    Step,
    Terms,
    Waterfall,
)
from transforms.kernels.money import Mode

Draw = Callable[[st.SearchStrategy], object]
KOLKATA = timezone(timedelta(hours=5, minutes=30))
DAY = timedelta(days=1)
COMPONENTS = ("interest", "principal", "fee", "penal")
NBFC_DAYS = st.dates(date(2019, 1, 1), date(2027, 12, 31))


def often(usual: object, *others: object, weight: int = 4) -> st.SearchStrategy:
    """The usual value most of the time; shrinks to it."""
    return st.sampled_from([usual] * weight + list(others))


def rupees(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda amount: Decimal(amount).quantize(ZERO))


def paise(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda amount: Decimal(amount).scaleb(-2))


def fractions(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda amount: Decimal(amount).scaleb(-places))


principals = st.one_of(
    rupees(5, 5_000).map(lambda amount: amount * 1000),
    rupees(5, 5_000).map(lambda amount: amount * 1000),
    paise(10_000, 10**8),
    rupees(1, 1000),
    rupees(10**9, 10**11),
)
rates = st.one_of(
    fractions(8, 36, 2),
    fractions(800, 3600, 4),
    fractions(0, 5_000_000, 6),
    st.sampled_from([Decimal(0), Decimal(5), Decimal("0.000001")]),
)
repay_every = st.one_of(
    st.just(RepayEvery()),
    st.just(RepayEvery()),
    st.builds(RepayEvery, st.sampled_from([1, 2, 3, 6]), st.just("month")),
    st.builds(RepayEvery, st.integers(1, 4), st.just("week")),
    st.builds(RepayEvery, st.integers(1, 45), st.just("day")),
    st.just(RepayEvery(1, "year")),
)
modes = st.sampled_from(list(Mode))
roundings = st.one_of(
    st.just(LoanRounding()),
    st.builds(
        LoanRounding,
        interest=often(Decimal("0.01"), Decimal("1.00"), Decimal("0.05")),
        installment=often(Decimal("0.01"), Decimal("1.00"), Decimal("10.00")),
        mode=modes,
        installment_mode=modes,
    ),
)
waterfalls = st.builds(
    Waterfall,
    order=st.permutations(COMPONENTS).map(tuple),
    across=st.sampled_from(["oldest_installment_first", "component_first"]),
)
gst_rates = often(Decimal("0.18"), Decimal(0))
fees = st.one_of(
    st.builds(Fee, st.just("processing"), rate=fractions(0, 300, 4), gst_rate=gst_rates, deducted=st.booleans()),
    st.builds(Fee, st.just("collection"), paise(1, 50_000), when=st.just("each_installment"), gst_rate=gst_rates),
    st.builds(
        Fee, st.just("insurance"), rate=fractions(1, 20, 4), to=st.just("third_party"), when=often("disbursement")
    ),
)
penals = st.builds(
    Penal,
    annual_rate=fractions(0, 36, 2),
    grace_days=st.integers(0, 10),
    flat=often(ZERO, Decimal("590.00")),
)
foreclosures = st.builds(
    ForeclosureTerms,
    rate=fractions(0, 500, 4),
    gst_rate=gst_rates,
    free_after_installments=often(0, 3, 12),
)


@st.composite
def terms(draw: Draw, installments_max: int = 60, like: Terms | None = None, on: date | None = None) -> Terms:
    """Terms of a new loan, or (like the old ones, on a day) of a restructure, whose principal is zero."""
    scale = like.principal if like else draw(principals)
    n = draw(st.one_of(st.integers(1, min(24, installments_max)), st.integers(1, installments_max)))
    method = draw(often("reducing", "flat", "rule_of_78"))
    kinds = ("equal_principal", "interest_only", "bullet", "step") + (() if like else ("custom",))
    amortisation = draw(often("emi", *kinds))
    found = Terms(
        principal=scale,
        disbursed_on=on or draw(NBFC_DAYS),
        annual_rate=draw(rates),
        installments=n,
        repay_every=draw(repay_every),
        interest_method=method,
        amortisation="emi" if amortisation == "step" and n == 1 else amortisation,
        day_count=draw(often("30/360", "30E/360", "ACT/365", "ACT/360", "ACT/ACT", weight=3)),
        installment_basis=draw(st.sampled_from(["period_factors", "periodic_rate"])),
        interest_basis=draw(often("scheduled", "daily", weight=2)) if method == "reducing" else "scheduled",
        broken_period=draw(often("spread", "first_installment", "upfront")) if method == "reducing" else "spread",
        rounding=draw(roundings),
        fees=tuple(draw(st.lists(fees, max_size=2))) if draw(often(False, True)) else (),
        penal=draw(st.none() | penals),
        foreclosure=draw(st.none() | foreclosures),
        waterfall=draw(st.one_of(st.just(Waterfall()), waterfalls)),
        waterfall_npa=draw(often(None, draw(waterfalls))),
        waterfall_written_off=draw(often(None, draw(waterfalls))),
        excess=draw(often("hold", "reduce_installment", "reduce_tenor")),
        tolerance=draw(often(ZERO, Decimal("1.00"), Decimal("50.00"))),
    )
    found = replace(found, first_due_on=draw(_first_due_on(found)), grace=draw(_grace(found)))
    found = draw(_amortised(found, is_restructured=like is not None))
    return replace(found, principal=ZERO) if like else found


def _first_due_on(terms: Terms) -> st.SearchStrategy[date | None]:
    days = st.integers(1, 75).map(lambda nights: terms.disbursed_on + nights * DAY)
    return st.none() if terms.amortisation == "custom" else st.none() | days


def _grace(terms: Terms) -> st.SearchStrategy[Grace]:
    most = min(terms.installments - 1, 6)
    if most == 0 or terms.amortisation == "custom":
        return st.just(Grace())

    def grace(principal: int) -> st.SearchStrategy[Grace]:
        capitalise = st.sampled_from(["never", "at_end", "each_due"])
        return st.builds(Grace, st.just(principal), st.integers(0, principal), capitalise)

    return st.one_of(st.just(Grace()), st.just(Grace()), st.integers(0, most).flatmap(grace))


@st.composite
def _amortised(draw: Draw, terms: Terms, is_restructured: bool) -> Terms:
    """The fields that go with one kind of amortisation alone."""
    even = (terms.principal / terms.installments).quantize(Decimal(1)) + 1
    if terms.amortisation in ("emi", "step") and draw(often(False, True, weight=6)):
        amount = draw(st.integers(50, 300)) * even / 100
        terms = replace(terms, installment_amount=amount.quantize(ZERO))
    if terms.amortisation in ("emi", "equal_principal") and not is_restructured and draw(often(False, True, weight=6)):
        terms = replace(terms, balloon=(terms.principal * draw(st.integers(1, 60)) / 100).quantize(ZERO))
    if terms.amortisation == "step":
        first = terms.grace.principal_installments + 2
        if first > terms.installments:
            return replace(terms, amortisation="emi")
        numbers = draw(st.lists(st.integers(first, terms.installments), min_size=1, max_size=4, unique=True))
        terms = replace(terms, steps=tuple(draw(_step(number, even)) for number in sorted(numbers)))
    if terms.amortisation == "custom":
        terms = replace(terms, custom_schedule=tuple(draw(_custom(terms))))
    return terms


def _step(number: int, even: Decimal) -> st.SearchStrategy[Step]:
    amounts = st.integers(60, 130).map(lambda percent: (percent * even / 100).quantize(ZERO))
    changes = st.sampled_from([Decimal("0.10"), Decimal("-0.10"), Decimal("0.0475"), Decimal("-0.5"), Decimal(1)])
    return st.one_of(
        changes.map(lambda change: Step(number, change=change)),
        amounts.map(lambda amount: Step(number, installment_amount=amount)),
    )


@st.composite
def _custom(draw: Draw, terms: Terms) -> list[CustomRow]:
    """Rows on any days, of any principals (some zero) that sum to the principal."""
    gaps = draw(st.lists(st.integers(1, 120), min_size=terms.installments, max_size=terms.installments))
    cuts = draw(st.lists(st.integers(0, 100), min_size=terms.installments - 1, max_size=terms.installments - 1))
    points = [terms.principal * cut / 100 for cut in sorted(cuts)]
    edges = [ZERO, *(point.quantize(Decimal(1)) for point in points), terms.principal]
    edges = [min(edge, terms.principal) for edge in edges]
    days = [terms.disbursed_on + nights * DAY for nights in accumulate(gaps)]
    parts = [later - earlier for earlier, later in pairwise(edges)]
    return [CustomRow(on, part.quantize(ZERO)) for on, part in zip(days, parts, strict=True)]


# Events.


@dataclass(frozen=True)
class Story:
    """What events are placed by: the terms, and the rows as contracted."""

    terms: Terms
    rows: tuple[Installment, ...]

    @property
    def last_on(self) -> date:
        return self.rows[-1].due_on if self.rows else self.terms.disbursed_on

    def days(self, after: int = 0) -> st.SearchStrategy[date]:
        """Any day of the loan and `after` days more, often a due date."""
        start = self.terms.disbursed_on
        spans = st.integers(0, (self.last_on - start).days + after).map(lambda nights: start + nights * DAY)
        return spans | st.sampled_from([row.due_on for row in self.rows]) if self.rows else spans

    def amounts(self) -> st.SearchStrategy[Decimal]:
        """Some part of the principal."""
        whole = max(self.terms.principal, Decimal("0.01"))
        return st.integers(1, 1000).map(lambda part: max(Decimal("0.01"), (whole * part / 1000).quantize(ZERO)))


@st.composite
def _payment(draw: Draw, story: Story) -> Event:
    """Money for a row: exact, a paisa off, in part, or for several; early, on the day, late, or very late."""
    if not story.rows:
        return Event("", "payment", draw(story.days()), NEVER, amount=draw(story.amounts()))
    first = draw(st.integers(0, len(story.rows) - 1))
    rows = story.rows[first : first + draw(often(1, 2, 3, weight=6))]
    total = sum((row.total for row in rows), ZERO)
    change = draw(st.sampled_from([ZERO, ZERO, ZERO, Decimal("0.01"), Decimal("-0.01"), -total / 2, total, -total / 3]))
    amount = max(Decimal("0.01"), (total + change).quantize(ZERO))
    late = draw(st.one_of(st.just(0), st.integers(-40, 10), st.integers(0, 120)))
    return Event("", "payment", max(rows[0].due_on + late * DAY, story.terms.disbursed_on), NEVER, amount=amount)


def _paid_in_time(story: Story) -> st.SearchStrategy[list[Event]]:
    """The first rows paid as contracted."""
    count = st.one_of(st.just(0), st.integers(0, min(len(story.rows), 12)))
    paid = [row for row in story.rows if row.total > 0]
    return count.map(lambda n: [Event("", "payment", row.due_on, NEVER, amount=row.total) for row in paid[:n]])


def _other(story: Story) -> st.SearchStrategy[Event]:
    """One event of any other type."""
    on = story.days(60)
    build = st.builds
    fixed = {"id": st.just(""), "booked_at": st.just(NEVER), "on": on}
    share = story.amounts()
    small = st.one_of(paise(1, 200_000), share.map(lambda amount: (amount / 50).quantize(ZERO) + Decimal("0.01")))
    tenor = often("installment", "tenor", weight=2)
    kinds = {
        "prepayment": {"amount": share, "adjust": st.sampled_from(["reduce_installment", "reduce_tenor"])},
        "charge": {"amount": small, "component": often("fee", "penal", weight=2), "gst_rate": st.just(ZERO)},
        "waiver": {"amount": small, "component": st.sampled_from(["interest", "fee", "penal"])},
        "refund": {"amount": small},
        "foreclosure": {"amount": share.map(lambda amount: amount + story.terms.principal)},
    }
    if story.terms.interest_method == "reducing":
        kinds["rate_change"] = {"annual_rate": rates, "adjust": tenor}
        kinds["disbursement"] = {"amount": share, "adjust": tenor, "on": story.days()}
    if story.terms.interest_method != "rule_of_78" and story.terms.amortisation != "custom":
        counts = {"from_number": st.integers(1, max(1, len(story.rows))), "installments": st.integers(1, 4)}
        kinds["moratorium"] = {**counts, "interest": st.sampled_from(["pay", "defer", "capitalise"])}
    return st.one_of(*(build(Event, type=st.just(kind), **{**fixed, **more}) for kind, more in kinds.items()))


@st.composite
def _restructure(draw: Draw, story: Story) -> Event:
    on = draw(story.days(30))
    new_terms = draw(terms(installments_max=24, like=story.terms, on=on))
    overdue = draw(st.sampled_from(["carry", "capitalise", "waive"]))
    return Event("", "restructure", on, NEVER, terms=new_terms, overdue=overdue)


@st.composite
def _takeover(draw: Draw, story: Story) -> Event:
    """A running loan joins, mostly as its schedule says, sometimes with arrears."""
    on = draw(story.days())
    gone = [row for row in story.rows if row.due_on <= on]
    scheduled = gone[-1].balance if gone else story.terms.principal
    principal = draw(often(scheduled, draw(story.amounts()), weight=2))
    interest, fee, penal = (draw(often(ZERO, draw(paise(1, 500_000)), weight=1)) for _ in range(3))
    since = on - draw(st.integers(0, 200)) * DAY if interest + fee else None
    return Event(
        "",
        "takeover",
        on,
        NEVER,
        principal=principal,
        interest_overdue=interest,
        fee_due=fee,
        penal_due=penal if principal or interest or fee else max(penal, Decimal("1.00")),
        oldest_due_on=since,
        npa_since=draw(st.none() | st.just(on - 10 * DAY)) if interest else None,
    )


@st.composite
def _written_off(draw: Draw, story: Story) -> list[Event]:
    on = draw(story.days(200))
    later = st.integers(1, 300).map(lambda nights: on + nights * DAY)
    recovery = st.builds(Event, st.just(""), st.just("recovery"), later, st.just(NEVER), amount=story.amounts())
    return [Event("", "write_off", on, NEVER), *draw(st.lists(recovery, max_size=2))]


NEVER = datetime.max.replace(tzinfo=KOLKATA)  # until an event is booked, below


def _booked(draw: Draw, events: list[Event]) -> tuple[Event, ...]:
    """Events with ids and times of booking: mostly the end of their day, sometimes hours or weeks later."""
    out = []
    for place, event in enumerate(events):
        usual = datetime.combine(event.on, time.max, KOLKATA)
        late = draw(often(None, 1, 30, weight=6))
        booked_at = usual if late is None else datetime.combine(event.on + late * DAY, time(11, 30), KOLKATA)
        out.append(replace(event, id=f"{event.type}-{place}", booked_at=booked_at))
    return tuple(out)


@lru_cache(maxsize=16)
def _rows_of(contract: Terms) -> tuple[Installment, ...]:
    """The rows as contracted; none when steps repay more than the principal: nothing can happen to such a loan."""
    try:
        return reference_loan.schedule_of(Loan("L1", "INR", contract)).installments
    except LoanRefused:
        return ()


@st.composite
def loans(draw: Draw, installments_max: int = 60, reversals: bool = True) -> Loan:
    """A loan with a story of up to about twenty events."""
    contract = draw(terms(installments_max=installments_max))
    loan, rows = Loan("L1", "INR", contract), _rows_of(contract)
    if not rows:
        return loan
    story = Story(contract, rows)
    events = draw(_paid_in_time(story))
    events += draw(st.lists(_payment(story), max_size=6))
    events += draw(st.lists(_other(story), max_size=3))
    events += draw(_written_off(story)) if draw(often(False, True, weight=6)) else []
    events += [draw(_restructure(story))] if draw(often(False, True, weight=6)) else []
    events += [draw(_takeover(story))] if draw(often(False, True, weight=6)) else []
    booked = _booked(draw, events)
    if reversals and booked and draw(often(False, True)):
        booked = (*booked, *draw(_reversals(booked)))
    return replace(loan, events=tuple(draw(st.permutations(booked))) if draw(st.booleans()) else booked)


@st.composite
def _reversals(draw: Draw, events: tuple[Event, ...]) -> list[Event]:
    gone = draw(st.lists(st.sampled_from(events), max_size=2, unique_by=lambda event: event.id))
    out = []
    for event in gone:
        on = event.on + draw(st.integers(0, 40)) * DAY
        out.append(Event(f"r-{event.id}", "reversal", on, datetime.combine(on, time.max, KOLKATA), reverses=event.id))
    return out


@st.composite
def readings(draw: Draw, loan: Loan, at_most: int = 3) -> list[date]:
    """Days to look at a loan: of its events, of its due dates, between, and long after."""
    start, rows = loan.terms.disbursed_on, _rows_of(loan.terms)
    last = rows[-1].due_on if rows else start
    days = [event.on for event in loan.events] + [row.due_on for row in rows] + [start]
    near = st.sampled_from(days).flatmap(lambda on: st.sampled_from([on, on, on + DAY, max(start, on - DAY)]))
    any_day = st.integers(0, (last - start).days + 200).map(lambda nights: start + nights * DAY)
    return draw(st.lists(near | any_day, min_size=1, max_size=at_most))
