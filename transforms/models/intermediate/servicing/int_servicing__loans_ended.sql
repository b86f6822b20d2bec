{{ config(materialized='table') }}
-- The first that ends a loan: a foreclosure or write-off that no reversal takes back, or, of a loan with a schedule, the
-- outcome its source tells. An outcome without a day ends the loan on the last day that its source is known.
with events as (select * from {{ ref('stg_servicing__events') }}),
     outcomes as (select * from {{ ref('stg_risk__outcomes') }}),
     loans as (select * from {{ ref('stg_servicing__loans') }}),
     observed as (select * from {{ ref('int_servicing__sources_observed') }}),
     schedules as (select * from {{ source('kernels', 'contractual_schedules') }}),
     reversed as (select distinct reverses_event_id from events where event_type_code = 'reversal'),
     endings as (
         select events.loan_id, events.value_on as ended_on, events.event_type_code as ended_by_code, events.amount,
                events.event_id
         from events
         left join reversed on events.event_id = reversed.reverses_event_id
         where events.event_type_code in ('foreclosure', 'write_off') and reversed.reverses_event_id is null
         union all
         select outcomes.loan_id, coalesce(outcomes.outcome_on, observed.observed_until),
                case when outcomes.outcome_code = 'CHARGED_OFF' then 'write_off' else 'foreclosure' end,
                outcomes.principal_charged_off, null
         from outcomes
         inner join schedules on outcomes.loan_id = schedules.loan_id and schedules.installment_number = 1
         inner join loans on outcomes.loan_id = loans.loan_id
         inner join observed on loans.source = observed.source
         where outcomes.outcome_code in ('CHARGED_OFF', 'PAID_IN_FULL')
     ),
     numbered as (
         select *, row_number() over (
                    partition by loan_id order by ended_on, case when event_id is null then 1 else 0 end, event_id
                ) as ending_number
         from endings
     ),
     final as (
         select loan_id, ended_on, ended_by_code,
                case when ended_by_code = 'write_off' then amount end as amount_written_off
         from numbered
         where ending_number = 1
     )
select * from final
