"""Paths of servicing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from serving_api.db import Reading
from serving_api.openapi import created, problems
from serving_api.published import Books
from serving_api.security import BEARER, ProtectedRoute
from serving_api.servicing import service
from serving_api.servicing.schemas import LoanOut, PaymentIn, PaymentOut
from serving_api.values import path_pattern
from serving_api.writes import Writes
from warehouse.contracts import fields as f

router = APIRouter(prefix="/v1", tags=["servicing"], route_class=ProtectedRoute, dependencies=[Depends(BEARER)])
# Loan numbers may hold slashes, so the rest of the path is the number.
LoanId = Annotated[str, Path(description=f.LOAN_ID.meaning, pattern=path_pattern(f.LOAN_ID), examples=["UCI-00001"])]


@router.post(
    "/loans/{loan_id:path}/payments",
    status_code=201,
    responses={**created(PaymentOut), **problems(400, 401, 404, 409, 413, 422, 500, 503)},
    summary="Book a payment",
)
def book_payment(loan_id: LoanId, payment: PaymentIn, write: Writes, books: Books) -> Response:
    """Book money that the borrower paid. It counts in the loan's figures after the next ingestion and build."""
    return write.once(
        payment,
        check=lambda: service.check_payment(write, books, loan_id, payment),
        act=lambda _: service.book_payment(write, loan_id, payment),
    )


@router.get(
    "/loans/{loan_id:path}",
    response_model=LoanOut,
    responses=problems(401, 404, 422, 500, 503),
    summary="Read a loan",
)
def read_loan(loan_id: LoanId, session: Reading, books: Books) -> object:
    """Terms and figures at the latest published snapshot, and the payments booked since."""
    return service.loan(session, books, loan_id)
