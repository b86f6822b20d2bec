"""The events of a loan document as frozen values.

Belongs here: the fields of each type of event, and which events cannot stand beside each other whatever the state. Does
not: what a state must be to take an event (events.py), terms (document_terms.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from typing import Any

from transforms.kernels.document_fields import (
    Reader,
    amount,
    as_given,
    at,
    choice,
    day,
    defaults_of,
    instant,
    read_object,
    refuse,
    text,
)
from transforms.kernels.document_terms import ANNUAL_RATE, NUMBER, SHARE, new_terms_from
from transforms.kernels.loan import ZERO, Event, Terms

KOLKATA = timezone(timedelta(hours=5, minutes=30))
ALWAYS: dict[str, Reader] = {"id": text, "type": text, "on": day, "booked_at": instant}
# Fields that may be absent, by type, with what they are then; every other field of the type is required.
WHEN_ABSENT: dict[str, dict[str, Any]] = {
    "disbursement": {"adjust": "installment"},
    "payment": {"channel": None, "reference": None},
    "rate_change": {"adjust": "installment"},
    "charge": {"component": "fee", "name": None, "gst_rate": defaults_of(Event)["gst_rate"]},
    "restructure": {"overdue": "carry"},
    "write_off": {"amount": None},
    "takeover": dict.fromkeys(("interest_overdue", "fee_due", "penal_due"), ZERO)
    | dict.fromkeys(("oldest_due_on", "npa_since")),
}


@cache
def _readers(currency: str) -> Mapping[str, Mapping[str, Reader]]:
    """The fields of each type of event beside those of all."""
    some, any_amount = amount(currency), amount(currency, is_zero_allowed=True)
    adjust = choice("installment", "tenor")
    return {
        "disbursement": {"amount": some, "adjust": adjust},
        "payment": {"amount": some, "channel": text, "reference": text},
        "prepayment": {"amount": some, "adjust": choice("reduce_installment", "reduce_tenor")},
        "rate_change": {"annual_rate": ANNUAL_RATE, "adjust": adjust},
        "charge": {"amount": some, "component": choice("fee", "penal"), "name": text, "gst_rate": SHARE},
        "waiver": {"amount": some, "component": choice("interest", "fee", "penal")},
        "moratorium": {"from": NUMBER, "installments": NUMBER, "interest": choice("pay", "defer", "capitalise")},
        "restructure": {"terms": as_given, "overdue": choice("capitalise", "carry", "waive")},
        "reversal": {"reverses": text},
        "foreclosure": {"amount": some},
        "write_off": {"amount": some},
        "recovery": {"amount": some},
        "refund": {"amount": some},
        "takeover": {
            "principal": any_amount,
            "interest_overdue": any_amount,
            "fee_due": any_amount,
            "penal_due": any_amount,
            "oldest_due_on": day,
            "npa_since": day,
        },
    }


def events_from(value: object, path: str, currency: str, terms: Terms) -> tuple[Event, ...]:
    """The events of a loan with these terms, in the order given. LoanRefused when they cannot be meant."""
    if not isinstance(value, list):
        refuse(path, "must be a list of events")
    events = tuple(_event(one, f"{path}[{place}]", currency) for place, one in enumerate(value))
    _check_ids(events, path)
    for place, event in enumerate(events):
        if event.on < terms.disbursed_on:
            refuse(f"{path}[{place}].on", f"must not be before disbursed_on ({terms.disbursed_on}), got {event.on}")
    _check_reversals(events, path)
    _check_methods(events, path, terms)
    _check_write_offs(events, path)
    return events


def _event(value: object, path: str, currency: str) -> Event:
    by_type = _readers(currency)
    if not isinstance(value, dict):
        refuse(path, "an event must be an object")
    if "type" not in value:
        refuse(at(path, "type"), "is missing")
    kind = choice(*by_type)(value["type"], at(path, "type"))
    defaults = {"booked_at": None, **WHEN_ABSENT.get(kind, {})}
    found = read_object(value, path, f"a {kind}", {**ALWAYS, **by_type[kind]}, defaults)
    on = found["on"]
    if kind == "restructure":
        found["terms"] = new_terms_from(found["terms"], at(path, "terms"), currency, on)
    event = Event(**{**found, "booked_at": found["booked_at"] or end_of_day(on)})
    if kind == "takeover":
        _check_takeover(event, path)
    if event.component == "penal" and event.gst_rate:
        refuse(at(path, "gst_rate"), f"must be left out: a penal charge bears no GST, got {event.gst_rate}")
    return event


def end_of_day(on: date) -> datetime:
    """When an event was booked that does not say so: at the end of its day in India."""
    return datetime.combine(on, time.max, KOLKATA)


def _check_takeover(event: Event, path: str) -> None:
    counted = event.interest_overdue + event.fee_due
    if not event.principal and not counted and not event.penal_due:
        refuse(at(path, "principal"), "must be above zero when nothing else is due")
    if counted and event.oldest_due_on is None:
        refuse(at(path, "oldest_due_on"), "is missing: interest_overdue and fee_due have fallen due on some day")
    if event.oldest_due_on is not None and not counted:
        refuse(at(path, "oldest_due_on"), "goes with interest_overdue or fee_due")
    for name in ("oldest_due_on", "npa_since"):
        since = getattr(event, name)
        if since is not None and since > event.on:
            refuse(at(path, name), f"must not be after the day of the event ({event.on}), got {since}")


def _check_ids(events: tuple[Event, ...], path: str) -> None:
    places: dict[str, int] = {}
    for place, event in enumerate(events):
        if event.id in places:
            refuse(f"{path}[{place}].id", f"is that of {path}[{places[event.id]}] already: {event.id}")
        places[event.id] = place


def _check_reversals(events: tuple[Event, ...], path: str) -> None:
    by_id = {event.id: event for event in events}
    reversed_by: dict[str, str] = {}
    for place, event in enumerate(events):
        if event.reverses is None:
            continue
        here, reversed_event = f"{path}[{place}].reverses", by_id.get(event.reverses)
        if reversed_event is None:
            refuse(here, f"there is no event {event.reverses}")
        if reversed_event.type == "reversal":
            refuse(here, f"{event.reverses} is a reversal, which cannot be reversed")
        if event.reverses in reversed_by:
            refuse(here, f"{event.reverses} is reversed by {reversed_by[event.reverses]} already")
        if event.on < reversed_event.on:
            problem = f"must not be before the event it reverses ({reversed_event.on}), got {event.on}"
            refuse(f"{path}[{place}].on", problem)
        reversed_by[event.reverses] = event.id


def _standing(events: tuple[Event, ...], types: Collection[str]) -> Iterator[tuple[int, Event]]:
    """Events of these types that are never reversed, with their places."""
    gone = {event.reverses for event in events}
    return ((place, event) for place, event in enumerate(events) if event.type in types and event.id not in gone)


def _check_methods(events: tuple[Event, ...], path: str, terms: Terms) -> None:
    """Refuse events that no terms which may be in force on their day can take."""
    for place, event in _standing(events, ("rate_change", "disbursement", "moratorium")):
        new_terms = (one.terms for one in events if one.terms is not None and one.on <= event.on)
        problems = [_problem(event.type, one) for one in (terms, *new_terms)]
        if all(problems):
            refuse(f"{path}[{place}].type", str(problems[-1]))


def _problem(kind: str, terms: Terms) -> str:
    """Why terms cannot take an event of this type; empty when they can."""
    if kind == "moratorium":
        is_fixed = terms.interest_method == "rule_of_78" or terms.amortisation == "custom"
        which = "rule_of_78" if terms.interest_method == "rule_of_78" else "a custom schedule"
        return f"a moratorium does not go with {which}" if is_fixed else ""
    return "" if terms.interest_method == "reducing" else f"a {kind} does not go with {terms.interest_method} interest"


def _check_write_offs(events: tuple[Event, ...], path: str) -> None:
    """Refuse a second write-off, and a recovery with none before its day. A takeover begins the story anew."""
    before: Event | None = None
    write_offs = sorted(_standing(events, ("write_off",)), key=lambda one: (one[1].on, one[1].booked_at, one[1].id))
    for place, event in write_offs:
        if before is not None and not _is_taken_over(events, before, event):
            refuse(f"{path}[{place}].type", f"the loan is written off already by {before.id}")
        before = event
    for place, event in _standing(events, ("recovery",)):
        if not any(one.type == "write_off" and one.on < event.on for one in events):
            refuse(f"{path}[{place}].type", "a recovery needs a write_off on a day before it")


def _is_taken_over(events: tuple[Event, ...], first: Event, last: Event) -> bool:
    return any(event.type == "takeover" and first.on <= event.on <= last.on for event in events)
