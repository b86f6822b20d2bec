"""Closed lists of codes. Law and policy values are seeds (transforms/seeds), not codes."""

PRODUCT = ("PERSONAL", "HOME", "CAR", "BUSINESS", "EDUCATION", "GOLD", "MFI", "SCF", "SBA_7A", "CREDIT_CARD")
CHANNEL = ("BRANCH", "DSA", "DIGITAL", "PARTNER")
DECISION = ("APPROVED", "REJECTED", "REFERRED", "PENDING")
EVENT_TYPE = ("disbursement", "payment", "prepayment", "charge", "reversal", "write_off", "recovery", "foreclosure")
PAYMENT_CHANNEL = ("NACH", "UPI", "CASH", "CHEQUE", "NEFT", "CARD", "UNKNOWN")
OUTCOME = ("PAID_IN_FULL", "CHARGED_OFF", "DEFAULTED", "NOT_DEFAULTED")
CURRENCY = ("INR", "USD", "TWD", "JPY")
FREQUENCY = ("day", "week", "month", "year")
INTEREST_METHOD = ("reducing", "flat", "rule_of_78")
GENDER = ("F", "M", "T", "U")
OCCUPATION = ("SALARIED", "SELF_EMPLOYED", "FARMER", "WAGE_EARNER", "PENSIONER", "STUDENT")
COLLATERAL_TYPE = ("GOLD", "VEHICLE", "PROPERTY", "EQUIPMENT", "DEPOSIT")
RECOVERY_ACTION = ("SMS", "CALL", "FIELD_VISIT", "LEGAL_NOTICE", "REPOSSESSION", "SETTLEMENT")
RECOVERY_OUTCOME = ("NO_CONTACT", "PROMISE_TO_PAY", "PART_PAID", "CURED", "SETTLED", "REFUSED")
BUREAU = ("CIBIL", "EXPERIAN", "EQUIFAX", "CRIF")
URBAN_RURAL = ("URBAN", "RURAL", "UNDEFINED")
STATUS = ("ACTIVE", "CLOSED", "WRITTEN_OFF", "UNKNOWN")
# Days past due, in the buckets of the servicer report (RX-09).
DPD_BUCKET = ("0", "1-30", "31-60", "61-90", "91-180", "GT180")
ENDED_BY = ("foreclosure", "write_off")
SET_ASIDE = (
    "METHOD_UNKNOWN",
    "TERMS_INCOMPLETE",
    "CURRENCY_UNKNOWN",
    "FIRST_DUE_NOT_AFTER_DISBURSAL",
    "PRINCIPAL_OUT_OF_RANGE",
    "RATE_OUT_OF_RANGE",
    "PERIOD_OUT_OF_RANGE",
    "INSTALLMENTS_OUT_OF_RANGE",
    "AMOUNT_TOO_LARGE",
)
