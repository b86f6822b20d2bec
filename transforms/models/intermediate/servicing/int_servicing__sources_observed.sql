{{ config(materialized='table') }}
-- Until when a source's loans are known: its last payment, statement or dated outcome; without any, its last loan.
with loans as (select * from {{ ref('stg_servicing__loans') }}),
     events as (select * from {{ ref('stg_servicing__events') }}),
     statements as (select * from {{ ref('stg_servicing__statements') }}),
     outcomes as (select * from {{ ref('stg_risk__outcomes') }}),
     sightings as (
         select loan_id, max(value_on) as seen_on from events group by loan_id
         union all
         select loan_id, max(statement_on) from statements group by loan_id
         union all
         select loan_id, outcome_on from outcomes where outcome_on is not null
     ),
     seen as (
         select loans.source, max(sightings.seen_on) as seen_on
         from sightings
         inner join loans on sightings.loan_id = loans.loan_id
         group by loans.source
     ),
     disbursed as (
         select source, max(coalesce(disbursed_on, cast(received_at as date))) as disbursed_on
         from loans
         group by source
     ),
     final as (
         select disbursed.source,
                coalesce(seen.seen_on, disbursed.disbursed_on) as observed_until,
                {{ month_end('coalesce(seen.seen_on, disbursed.disbursed_on)') }} as as_of
         from disbursed
         left join seen on disbursed.source = seen.source
     )
select * from final
