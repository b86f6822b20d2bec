{{ config(group='servicing') }}
-- The loans with a schedule that the latest state calls active are those of the last month of the monthly book.
with latest as (select * from {{ ref('servicing__loan_latest') }}),
     monthly as (select * from {{ ref('servicing__loan_monthly') }}),
     schedules as (select * from {{ source('kernels', 'contractual_schedules') }}),
     scheduled as (
         select latest.loan_id, latest.source, latest.status_code
         from latest
         inner join schedules on latest.loan_id = schedules.loan_id and schedules.installment_number = 1
     ),
     observed as (select * from {{ ref('int_servicing__sources_observed') }}),
     active as (select loan_id from scheduled where status_code = 'ACTIVE'),
     in_book as (
         select scheduled.loan_id
         from scheduled
         inner join observed on scheduled.source = observed.source
         inner join monthly on scheduled.loan_id = monthly.loan_id and monthly.as_of = observed.observed_until
     )
select coalesce(active.loan_id, in_book.loan_id) as loan_id
from active
full outer join in_book on active.loan_id = in_book.loan_id
where active.loan_id is null or in_book.loan_id is null
