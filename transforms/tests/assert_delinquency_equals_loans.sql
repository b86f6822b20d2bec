{{ config(group='servicing') }}
-- The delinquency mart is the monthly book, summed.
with delinquency as (select * from {{ ref('servicing__delinquency_monthly') }}),
     monthly as (select * from {{ ref('servicing__loan_monthly') }}),
     by_month as (
         select as_of, currency, sum(loans) as loans, sum(principal_outstanding) as principal_outstanding,
                sum(total_overdue) as total_overdue
         from delinquency
         group by as_of, currency
     ),
     parent as (
         select as_of, currency, count(*) as loans, sum(principal_outstanding) as principal_outstanding,
                sum(total_overdue) as total_overdue
         from monthly
         group by as_of, currency
     )
select coalesce(by_month.as_of, parent.as_of) as as_of, coalesce(by_month.currency, parent.currency) as currency
from by_month
full outer join parent on by_month.as_of = parent.as_of and by_month.currency = parent.currency
where by_month.loans is distinct from parent.loans
   or by_month.principal_outstanding is distinct from parent.principal_outstanding
   or by_month.total_overdue is distinct from parent.total_overdue
