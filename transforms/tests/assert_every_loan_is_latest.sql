{{ config(group='servicing') }}
-- Each loan received has its row in the book, and no row is of a loan that was not received.
with loans as (select * from {{ ref('stg_servicing__loans') }}),
     latest as (select * from {{ ref('servicing__loan_latest') }})
select coalesce(loans.loan_id, latest.loan_id) as loan_id
from loans
full outer join latest on loans.loan_id = latest.loan_id
where loans.loan_id is null or latest.loan_id is null
