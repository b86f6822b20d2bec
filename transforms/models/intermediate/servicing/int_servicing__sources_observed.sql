{{ config(materialized='table') }}
-- Until when a source's loans are known: its last payment, statement or dated outcome, and the loans it disbursed in the
-- rest of that month; without any, its last loan. What another source tells of a loan says nothing of the others.
with loans as (select * from {{ ref('stg_servicing__loans') }}),
     events as (select * from {{ ref('stg_servicing__events') }}),
     statements as (select * from {{ ref('stg_servicing__statements') }}),
     outcomes as (select * from {{ ref('stg_risk__outcomes') }}),
     sightings as (
         select loan_id, source, max(value_on) as seen_on from events group by loan_id, source
         union all
         select loan_id, source, max(statement_on) from statements group by loan_id, source
         union all
         select loan_id, source, outcome_on from outcomes where outcome_on is not null
     ),
     seen as (
         select loans.source, max(sightings.seen_on) as seen_on
         from sightings
         inner join loans on sightings.loan_id = loans.loan_id and sightings.source = loans.source
         group by loans.source
     ),
     disbursed as (
         select loans.source, seen.seen_on,
                max(coalesce(loans.disbursed_on, cast(loans.received_at as date))) as disbursed_on,
                max(case when loans.disbursed_on <= {{ month_end('seen.seen_on') }} then loans.disbursed_on end)
                    as disbursed_by_month_end_on
         from loans
         left join seen on loans.source = seen.source
         group by loans.source, seen.seen_on
     ),
     final as (
         select source,
                case when seen_on is null then disbursed_on
                     else greatest(seen_on, coalesce(disbursed_by_month_end_on, seen_on)) end as observed_until
         from disbursed
     )
select * from final
