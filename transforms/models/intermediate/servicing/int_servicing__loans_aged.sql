{{ config(materialized='table') }}
-- What each scheduled loan owes at each month-end, and in the running month on the last day that its source is known:
-- nothing later has fallen due or come in. Receipts settle the oldest due first (CV-08), so what is unpaid
-- follows from two running totals: what has fallen due and what has come in.
with loans as (select * from {{ ref('stg_servicing__loans') }}),
     schedules as (select * from {{ source('kernels', 'contractual_schedules') }}),
     owed as (select * from {{ ref('int_servicing__dues_owed') }}),
     payments as (select * from {{ ref('int_servicing__payments_effected') }}),
     ended as (select * from {{ ref('int_servicing__loans_ended') }}),
     observed as (select * from {{ ref('int_servicing__sources_observed') }}),

     scheduled as (
         select loans.loan_id, loans.branch_id, loans.entity_id, loans.product_code, loans.currency, loans.principal,
                loans.disbursed_on, observed.observed_until,
                -- an end told for a later day is known all the same
                case when ended.ended_on > observed.observed_until then observed.observed_until
                     else ended.ended_on end as ended_on,
                least(observed.observed_until, coalesce({{ month_end('ended.ended_on') }}, observed.observed_until))
                    as last_as_of
         from loans
         inner join schedules on loans.loan_id = schedules.loan_id and schedules.installment_number = 1
         inner join observed on loans.source = observed.source
         left join ended on loans.loan_id = ended.loan_id
     ),
     months as (
         select *, unnest(range(0, {{ calendar_months('disbursed_on', 'last_as_of') }} + 1)) as months_on_book
         from scheduled
         where disbursed_on <= last_as_of
     ),
     month_ends as (
         select *, least({{ month_end("disbursed_on + to_months(cast(months_on_book as integer))") }}, observed_until)
                    as as_of
         from months
     ),
     dues as (
         select owed.loan_id,
                least({{ month_end('greatest(owed.due_on, scheduled.disbursed_on)') }}, scheduled.observed_until) as as_of,
                sum(owed.total_due) as amount_due
         from owed
         inner join scheduled on owed.loan_id = scheduled.loan_id and owed.due_on <= scheduled.observed_until
         where owed.is_billed
         group by all
     ),
     receipts as (
         -- money that came before the disbursal is counted in its month, the first of the loan
         select payments.loan_id,
                least({{ month_end('greatest(payments.value_on, scheduled.disbursed_on)') }}, scheduled.observed_until)
                    as as_of,
                sum(payments.amount_signed) as amount_collected,
                sum(case when payments.is_prepayment then payments.amount_signed else 0 end) as amount_prepaid,
                bool_or(payments.amount_signed < 0) as has_reversal
         from payments
         inner join scheduled
             on payments.loan_id = scheduled.loan_id and payments.value_on <= scheduled.observed_until
         group by all
     ),
     running as (
         select month_ends.*,
                coalesce(dues.amount_due, 0) as amount_due,
                coalesce(receipts.amount_collected, 0) as amount_collected,
                coalesce(sum(dues.amount_due) over so_far, 0) as due_to_date,
                coalesce(sum(receipts.amount_collected) over so_far, 0) as paid_to_date,
                coalesce(sum(receipts.amount_prepaid) over so_far, 0) as prepaid_to_date,
                max(case when receipts.has_reversal then month_ends.as_of end)
                    over (partition by month_ends.loan_id) as reversed_as_of
         from month_ends
         left join dues on month_ends.loan_id = dues.loan_id and month_ends.as_of = dues.as_of
         left join receipts on month_ends.loan_id = receipts.loan_id and month_ends.as_of = receipts.as_of
         window so_far as (partition by month_ends.loan_id order by month_ends.as_of)
     ),
     -- the first due that the settled money does not reach
     settled as (
         select running.*, unpaid.due_on as unpaid_due_on,
                coalesce(unpaid.principal_outstanding + unpaid.principal_due, 0) as principal_before,
                greatest(least(running.paid_to_date, running.due_to_date)
                    - (unpaid.total_due_to_date - unpaid.total_due) - unpaid.interest_due, 0) as principal_paid_in_part
         from running
         asof left join owed as unpaid
             on running.loan_id = unpaid.loan_id
             and least(running.paid_to_date, running.due_to_date) < unpaid.total_due_to_date
     ),
     aged as (
         select *,
                greatest(due_to_date - paid_to_date, 0) as total_overdue,
                case when unpaid_due_on <= as_of and paid_to_date < due_to_date then unpaid_due_on end as oldest_due_on,
                -- a prepayment beyond the dues lowers principal at once; other money paid early waits for its due date
                greatest(principal_before - coalesce(principal_paid_in_part, 0)
                    - least(greatest(paid_to_date - due_to_date, 0), greatest(prepaid_to_date, 0)), 0)
                    as principal_outstanding
         from settled
     ),
     closed as (
         select *,
                min(case when (principal_outstanding = 0 and total_overdue = 0 or ended_on <= as_of)
                          and as_of >= coalesce(reversed_as_of, as_of) then as_of end)
                    over (partition by loan_id) as closed_as_of
         from aged
     ),
     final as (
         select loan_id, as_of, branch_id, entity_id, product_code, currency,
                cast(months_on_book as bigint) as months_on_book,
                cast(amount_due as decimal(18,2)) as amount_due,
                cast(amount_collected as decimal(18,2)) as amount_collected,
                cast(due_to_date as decimal(18,2)) as due_to_date,
                cast(paid_to_date as decimal(18,2)) as paid_to_date,
                cast(total_overdue as decimal(18,2)) as total_overdue,
                cast(principal_outstanding as decimal(18,2)) as principal_outstanding,
                oldest_due_on,
                coalesce({{ days_between('oldest_due_on', 'as_of') }} + 1, 0) as dpd,
                closed_as_of is null or as_of < closed_as_of as is_in_book
         from closed
         where closed_as_of is null or as_of <= closed_as_of
     )
select * from final
