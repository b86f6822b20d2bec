{{ config(group='servicing') }}
-- The collection mart is the aged book, summed: no month, branch or product drops out.
with collections as (select * from {{ ref('servicing__collection_monthly') }}),
     aged as (select * from {{ ref('int_servicing__loans_aged') }}),
     by_month as (
         select as_of, currency, sum(amount_due) as amount_due, sum(amount_collected) as amount_collected
         from collections
         group by as_of, currency
     ),
     parent as (
         select as_of, currency, sum(amount_due) as amount_due, sum(amount_collected) as amount_collected
         from aged
         group by as_of, currency
     )
select coalesce(by_month.as_of, parent.as_of) as as_of, coalesce(by_month.currency, parent.currency) as currency
from by_month
full outer join parent on by_month.as_of = parent.as_of and by_month.currency = parent.currency
where by_month.amount_due is distinct from parent.amount_due
   or by_month.amount_collected is distinct from parent.amount_collected
