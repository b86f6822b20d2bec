-- A charge-off is what the source dates as one, or else a write-off event that stands.
with outcomes as (select * from {{ ref('stg_risk__outcomes') }}),
     ended as (select * from {{ ref('int_servicing__loans_ended') }}),
     charged_off as (select * from outcomes where outcome_code = 'CHARGED_OFF'),
     written_off as (select * from ended where ended_by_code = 'write_off'),
     final as (
         select coalesce(charged_off.loan_id, written_off.loan_id) as loan_id,
                coalesce(charged_off.outcome_on, written_off.ended_on) as charged_off_on,
                coalesce(charged_off.principal_charged_off, written_off.amount_written_off, 0) as principal_charged_off
         from charged_off
         full outer join written_off on charged_off.loan_id = written_off.loan_id
     )
select * from final
