"""Every column of Lendhouse: name, type, unit and meaning, described here and nowhere else.

Belongs here: a column used by any table. Does not: which table has it (<domain>.py) or how it is computed (transforms).
Units are in the names: _rate is a fraction a year, _on a date, _at an instant, _months and _days counts; money has no
suffix.
"""

from datetime import date
from decimal import Decimal

from warehouse.contracts import codes
from warehouse.contracts.table import RECEIPT, Field, Type

ZERO = Decimal("0.00")
PAISA = Decimal("0.01")
# Just below one lakh crore: ten times the largest loan, and sums of a book still fit decimal(18,2).
LARGEST = Decimal("999999999999.99")
EARLIEST = date(1900, 1, 1)
ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_./-]{0,63}"


def _id(name: str, meaning: str, names_person: bool = False) -> Field:
    return Field(name, Type.ID, meaning, pattern=ID_PATTERN, names_person=names_person)


def _money(name: str, meaning: str, minimum: Decimal | None = ZERO) -> Field:
    return Field(name, Type.MONEY, meaning, minimum=minimum, maximum=LARGEST)


def _on(name: str, meaning: str, may_be_future: bool = False) -> Field:
    return Field(name, Type.DATE, meaning, minimum=EARLIEST, may_be_future=may_be_future)


def _count(name: str, meaning: str, minimum: int = 0, maximum: int | None = None) -> Field:
    return Field(name, Type.COUNT, meaning, minimum=minimum, maximum=maximum)


def _code(name: str, meaning: str, allowed: tuple[str, ...]) -> Field:
    return Field(name, Type.CODE, meaning, codes=allowed)


def _rate(name: str, meaning: str) -> Field:
    return Field(name, Type.RATE, meaning, minimum=Decimal(0), maximum=Decimal(5))


# identity and ownership
LOAN_ID = _id("loan_id", "the loan, unique over all sources")
APPLICATION_ID = _id("application_id", "the application, unique over all sources")
CUSTOMER_ID = _id("customer_id", "the customer, unique over all sources", names_person=True)
BRANCH_ID = _id("branch_id", "the branch that owns the account")
ENTITY_ID = _id("entity_id", "the legal entity that owns the account")
EVENT_ID = _id("event_id", "the event, unique over all sources")
PULL_ID = _id("pull_id", "one bureau enquiry")
COLLATERAL_ID = _id("collateral_id", "one pledged asset")
ACTION_ID = _id("action_id", "one recovery action")
INVOICE_ID = _id("invoice_id", "one supplier invoice")
SUPPLIER_ID = _id("supplier_id", "the supplier who raised the invoice", names_person=True)
BUYER_ID = _id("buyer_id", "the anchor buyer who owes the invoice", names_person=True)
PRODUCT_CODE = _code("product_code", "the product", codes.PRODUCT)
SCHEME_CODE = _id("scheme_code", "the scheme (priced variant of a product)")
CURRENCY = _code("currency", "ISO 4217 code of every money column of the row", codes.CURRENCY)
AS_OF = _on("as_of", "business day at whose end the row holds")
OWNERSHIP = (BRANCH_ID, ENTITY_ID, PRODUCT_CODE, CURRENCY)

# masters
BRANCH_NAME = Field("branch_name", Type.TEXT, "name of the branch")
SCHEME_NAME = Field("scheme_name", Type.TEXT, "name of the scheme as customers see it")
STATE_CODE = Field("state_code", Type.CODE, "state or province, two letters", pattern=r"[A-Z]{2}")
POSTAL_CODE = Field("postal_code", Type.TEXT, "PIN or ZIP code", pattern=r"[0-9]{5,6}")
OPENED_ON = _on("opened_on", "day the branch opened")
VALID_FROM = _on("valid_from", "first day on which the row applies", may_be_future=True)
AMOUNT_MIN = _money("amount_min", "smallest loan of the scheme", PAISA)
AMOUNT_MAX = _money("amount_max", "largest loan of the scheme", PAISA)
PROCESSING_FEE_RATE = _rate("processing_fee_rate", "processing fee as a fraction of principal")
PENAL_RATE = _rate("penal_rate", "penal charge on overdue principal and interest, fraction a year")
REPAY_UNIT_CODE = _code("repay_unit_code", "unit of the repayment period", codes.FREQUENCY)
REPAY_EVERY = _count("repay_every", "units of one repayment period", 1, 366)
BIRTH_ON = _on("birth_on", "date of birth")
GENDER_CODE = _code("gender_code", "gender as declared", codes.GENDER)
OCCUPATION_CODE = _code("occupation_code", "occupation as declared", codes.OCCUPATION)
MONTHLY_INCOME = _money("monthly_income", "declared net income a month")
PAN = Field("pan", Type.TEXT, "permanent account number", personal="pan")
AADHAAR = Field("aadhaar", Type.TEXT, "Aadhaar number", personal="aadhaar")
MOBILE = Field("mobile", Type.TEXT, "mobile number", personal="mobile")
ACCOUNT_NUMBER = Field("account_number", Type.TEXT, "bank account number", personal="account")

# origination
CHANNEL_CODE = _code("channel_code", "how the customer came", codes.CHANNEL)
APPLIED_ON = _on("applied_on", "day of the application")
DECIDED_ON = _on("decided_on", "day of the decision")
DECISION_CODE = _code("decision_code", "decision on the application", codes.DECISION)
REJECTION_REASON = Field("rejection_reason", Type.TEXT, "primary reason of a rejection")
AMOUNT_REQUESTED = _money("amount_requested", "principal applied for", PAISA)
AMOUNT_SANCTIONED = _money("amount_sanctioned", "principal sanctioned")
AMOUNT_GUARANTEED = _money("amount_guaranteed", "part of the sanction guaranteed by a third party")
TENURE_MONTHS = _count("tenure_months", "tenure applied for, months", 1, 600)
LENDER_NAME = Field("lender_name", Type.TEXT, "institution that made the loan")
NAICS_CODE = Field(
    "naics_code", Type.CODE, "industry of the business, NAICS, six digits; null when unknown", pattern=r"[0-9]{2,6}"
)
EMPLOYEES = _count("employees", "employees of the business at application")
JOBS_CREATED = _count("jobs_created", "jobs the business expected to create")
JOBS_RETAINED = _count("jobs_retained", "jobs the business expected to retain")
IS_NEW_BUSINESS = Field("is_new_business", Type.FLAG, "the business was at most two years old; null when unknown")
IS_FRANCHISE = Field("is_franchise", Type.FLAG, "the business is a franchise")
URBAN_RURAL_CODE = _code("urban_rural_code", "location class; UNDEFINED on most older loans", codes.URBAN_RURAL)
IS_REVOLVING = Field("is_revolving", Type.FLAG, "revolving line of credit; null when the source's code is not Y or N")
IS_LOW_DOC = Field(
    "is_low_doc", Type.FLAG, "made under the low documentation programme; null when the code is not Y or N"
)

# servicing
PRINCIPAL = _money("principal", "principal disbursed", PAISA)
DISBURSED_ON = _on("disbursed_on", "day of the first disbursement")
ANNUAL_RATE = _rate("annual_rate", "contract rate, fraction a year")
INSTALLMENTS = _count("installments", "number of contractual installments", 1, 1200)
FIRST_DUE_ON = _on("first_due_on", "due date of the first installment", may_be_future=True)
INTEREST_METHOD_CODE = _code("interest_method_code", "how interest is charged", codes.INTEREST_METHOD)
TERM_MONTHS_REPORTED = _count(
    "term_months_reported",
    "term as last reported by the source, months; overwritten after the outcome, never an origination feature",
)
EVENT_TYPE_CODE = _code("event_type_code", "kind of loan event", codes.EVENT_TYPE)
VALUE_ON = _on("value_on", "day from which the event counts")
BOOKED_AT = Field("booked_at", Type.INSTANT, "when the event became known")
AMOUNT = _money("amount", "money of the event", PAISA)
PAYMENT_CHANNEL_CODE = _code("payment_channel_code", "how the money came", codes.PAYMENT_CHANNEL)
PAYMENT_REFERENCE = Field("payment_reference", Type.TEXT, "the payer's or bank's reference")
REVERSES_EVENT_ID = _id("reverses_event_id", "the event that a reversal makes as if never made")
STATEMENT_ON = _on("statement_on", "closing day of the statement")
CREDIT_LIMIT = _money("credit_limit", "limit of the credit line")
AMOUNT_BILLED = _money("amount_billed", "balance of the statement; negative when the customer is in credit", None)
AMOUNT_PAID = _money("amount_paid", "payments received in the statement's month")
REPAYMENT_STATUS = Field(
    "repayment_status",
    Type.COUNT,
    "-2 no use, -1 paid in full, 0 revolving, n months late",
    minimum=-2,
    maximum=99,
)

# risk
OUTCOME_CODE = _code("outcome_code", "how the loan ended, or the observed label", codes.OUTCOME)
OUTCOME_ON = _on("outcome_on", "day of the outcome; null where the source does not date it")
PRINCIPAL_CHARGED_OFF = _money("principal_charged_off", "principal charged off")
BUREAU_CODE = _code("bureau_code", "credit bureau asked", codes.BUREAU)
PULLED_ON = _on("pulled_on", "day of the bureau enquiry")
CREDIT_SCORE = _count("credit_score", "bureau score, 300 to 900; -1 no history", -1, 900)
ACCOUNTS_ACTIVE = _count("accounts_active", "open accounts at all lenders")
ENQUIRIES_6_MONTHS = _count("enquiries_6_months", "enquiries in the last six months")
DPD_MAX_12_MONTHS = _count("dpd_max_12_months", "worst days past due at any lender in twelve months")
COLLATERAL_TYPE_CODE = _code("collateral_type_code", "kind of pledged asset", codes.COLLATERAL_TYPE)
VALUED_ON = _on("valued_on", "day of the valuation")
COLLATERAL_VALUE = _money("collateral_value", "realisable value at valuation")
ACTION_ON = _on("action_on", "day of the recovery action")
ACTION_TYPE_CODE = _code("action_type_code", "kind of recovery action", codes.RECOVERY_ACTION)
ACTION_COST = _money("action_cost", "cost of the recovery action")
ACTION_OUTCOME_CODE = _code("action_outcome_code", "result of the recovery action", codes.RECOVERY_OUTCOME)
AMOUNT_RECOVERED = _money("amount_recovered", "money received because of the action")

# supply chain finance
INVOICE_NUMBER = Field("invoice_number", Type.TEXT, "the supplier's own invoice number")
INVOICED_ON = _on("invoiced_on", "day of the invoice")
DUE_ON = _on("due_on", "contractual due date", may_be_future=True)
AMOUNT_FACE = _money("amount_face", "face value of the invoice", PAISA)

# models: what is known of a loan when it is scored, and what is predicted
GUARANTEED_SHARE = Field("guaranteed_share", Type.SHARE, "part of the sanction guaranteed by a third party")
SECTOR_CODE = Field("sector_code", Type.CODE, "sector of the business: first two digits of NAICS; null when unknown")
IS_LENDER_OUT_OF_STATE = Field(
    "is_lender_out_of_state", Type.FLAG, "the lender sits in another state than the borrower"
)
DISBURSED_AFTER_DAYS = Field("disbursed_after_days", Type.COUNT, "days from application to first disbursement")
LENDER_LOANS_36_MONTHS = _count(
    "lender_loans_36_months", "loans the lender disbursed in the 36 months before the month of application"
)
LENDER_CHARGE_OFFS_36_MONTHS = _count(
    "lender_charge_offs_36_months", "charge-offs of the lender dated in the 36 months before the month of application"
)
STATE_LOANS_36_MONTHS = _count(
    "state_loans_36_months", "loans disbursed in the borrower's state in the 36 months before the month of application"
)
STATE_CHARGE_OFFS_36_MONTHS = _count(
    "state_charge_offs_36_months",
    "charge-offs in the borrower's state dated in the 36 months before the month of application",
)
SECTOR_LOANS_36_MONTHS = _count(
    "sector_loans_36_months", "loans disbursed to the sector in the 36 months before the month of application"
)
SECTOR_CHARGE_OFFS_36_MONTHS = _count(
    "sector_charge_offs_36_months", "charge-offs of the sector dated in the 36 months before the month of application"
)
OBSERVED_UNTIL = _on("observed_until", "latest dated charge-off of the product: the day the book was last observed")
HAS_OUTCOME = Field("has_outcome", Type.FLAG, "the source says how the loan ended; false while it is open or unknown")
IS_CHARGED_OFF = Field("is_charged_off", Type.FLAG, "charged off at any time, as far as is known")
IS_LABEL_MATURE = Field("is_label_mature", Type.FLAG, "36 months after disbursement had passed on observed_until")
IS_CHARGED_OFF_36_MONTHS = Field(
    "is_charged_off_36_months",
    Type.FLAG,
    "charged off within 36 months of disbursement; null while the label is not mature and no charge-off is known",
)
MODEL_NAME = Field("model_name", Type.ID, "registered name of the model, such as pd")
MODEL_VERSION = _count("model_version", "registered version of the model that gave the score", 1)
PROBABILITY_OF_DEFAULT = Field(
    "probability_of_default", Type.SCORE, "predicted probability of the model's target event", minimum=0, maximum=1
)
SCORE_BAND_CODE = Field(
    "score_band_code",
    Type.CODE,
    "band of the probability, A (best) to G (worst)",
    codes=("A", "B", "C", "D", "E", "F", "G"),
)


# conformed and published (silver, gold)
def _share(name: str, meaning: str) -> Field:
    return Field(name, Type.SHARE, meaning, minimum=Decimal(0))


SOURCE = RECEIPT[0]
BATCH_ID = RECEIPT[1]
RECEIVED_AT = RECEIPT[4]
INSTALLMENT_NUMBER = _count("installment_number", "position in the contractual schedule, the first being 1", 1, 1200)
INSTALLMENT_AMOUNT = _money("installment_amount", "contractual installment: what falls due on the first due date")
PRINCIPAL_DUE = _money("principal_due", "principal that falls due with the installment")
INTEREST_DUE = _money("interest_due", "interest that falls due with the installment")
TOTAL_DUE = _money("total_due", "principal and interest that fall due with the installment")
TOTAL_DUE_TO_DATE = _money("total_due_to_date", "what has fallen due up to and with the installment")
IS_CHARGE = Field("is_charge", Type.FLAG, "the due is a charge, not an installment")
IS_BILLED = Field("is_billed", Type.FLAG, "the due falls due: no foreclosure or write-off came before it")
PRINCIPAL_OUTSTANDING = _money("principal_outstanding", "principal disbursed and not yet repaid or written off")
SET_ASIDE_CODE = _code("set_aside_code", "why no schedule could be made of the loan", codes.SET_ASIDE)
SET_ASIDE_REASON = Field("set_aside_reason", Type.TEXT, "the same in words, with the value that was found")
AMOUNT_SIGNED = _money("amount_signed", "money received; negative when a receipt is reversed on that day", None)
IS_PREPAYMENT = Field("is_prepayment", Type.FLAG, "the money is a prepayment, meant for principal beyond the dues")
ENDED_ON = _on("ended_on", "day on which the loan left the book before its schedule's end")
ENDED_BY_CODE = _code("ended_by_code", "the event that ended the loan", codes.ENDED_BY)
AMOUNT_WRITTEN_OFF = _money("amount_written_off", "principal written off")
CHARGED_OFF_ON = _on("charged_off_on", "day on which principal was charged or written off")
MONTHS_ON_BOOK = _count("months_on_book", "months since disbursement")
AMOUNT_DUE = _money("amount_due", "principal and interest that fell due in the month")
AMOUNT_COLLECTED = _money("amount_collected", "money received in the month, less receipts reversed in it", None)
DUE_TO_DATE = _money("due_to_date", "principal and interest that have fallen due since disbursement")
PAID_TO_DATE = _money("paid_to_date", "money received since disbursement, less receipts reversed", None)
TOTAL_OVERDUE = _money("total_overdue", "what has fallen due and is unpaid; null where the source does not say")
OLDEST_DUE_ON = _on("oldest_due_on", "earliest due date with any amount unpaid; null when none", may_be_future=True)
DPD = _count("dpd", "days past due at day-end of as_of, the due date being day 1 (AC-02); null where dates are unknown")
MONTHS_PAST_DUE = _count("months_past_due", "months past due as the source states them, or as dpd implies")
DPD_BUCKET_CODE = _code("dpd_bucket_code", "days past due in the buckets of the servicer report", codes.DPD_BUCKET)
BUCKET_FROM_CODE = DPD_BUCKET_CODE.named("bucket_from_code", "bucket at the month-end before")
BUCKET_TO_CODE = DPD_BUCKET_CODE.named("bucket_to_code", "bucket at as_of")
IS_IN_BOOK = Field("is_in_book", Type.FLAG, "the loan is open at day-end of as_of")
STATUS_CODE = _code("status_code", "state of the loan at as_of; UNKNOWN where the source does not say", codes.STATUS)
PAYMENTS_RECEIVED = _money("payments_received", "all money received, less receipts reversed", None)
LAST_PAID_ON = _on("last_paid_on", "day of the last receipt that stands")
LOANS = _count("loans", "number of loans")
LOANS_DUE = _count("loans_due", "loans with something falling due in the month")
LOANS_DISBURSED = _count("loans_disbursed", "loans disbursed")
AMOUNT_DISBURSED = _money("amount_disbursed", "principal disbursed")
APPLICATIONS_RECEIVED = _count("applications_received", "applications made on the day")
APPLICATIONS_APPROVED = _count("applications_approved", "of these, approved")
APPLICATIONS_REJECTED = _count("applications_rejected", "of these, rejected")
APPLICATIONS_REFERRED = _count("applications_referred", "of these, referred to a person")
APPLICATIONS_PENDING = _count("applications_pending", "of these, not yet decided")
APPROVAL_RATE = _share("approval_rate", "approved over approved and rejected; null when none is decided")
COLLECTION_EFFICIENCY = _share("collection_efficiency", "collected over fallen due in the month, arrears included")
VINTAGE_ON = _on("vintage_on", "first day of the year of disbursement")
LOANS_CHARGED_OFF_TO_DATE = _count("loans_charged_off_to_date", "loans charged off within months_on_book months")
AMOUNT_CHARGED_OFF_TO_DATE = _money("amount_charged_off_to_date", "principal charged off on these loans")
CHARGE_OFF_RATE = _share("charge_off_rate", "loans charged off to date over loans disbursed")
IS_COMPLETE = Field("is_complete", Type.FLAG, "every loan of the vintage has been observed for months_on_book months")
ROLL_RATE = _share("roll_rate", "loans that moved so, over loans in bucket_from_code that are still in the book")
