-- A charge-off is what the source dates as one, or else a write-off event that stands. Without an amount it is of all
-- principal outstanding; of a loan without a schedule that is not known.
with outcomes as (select * from {{ ref('stg_risk__outcomes') }}),
     ended as (select * from {{ ref('int_servicing__loans_ended') }}),
     aged as (select * from {{ ref('int_servicing__loans_aged') }}),
     charged_off as (select * from outcomes where outcome_code = 'CHARGED_OFF'),
     written_off as (select * from ended where ended_by_code = 'write_off'),
     -- the row of the month in which a loan leaves the book still says what was not paid
     outstanding as (
         select aged.loan_id, max_by(aged.principal_outstanding, aged.as_of) as principal_outstanding
         from aged
         inner join written_off on aged.loan_id = written_off.loan_id
         group by aged.loan_id
     ),
     final as (
         select coalesce(charged_off.loan_id, written_off.loan_id) as loan_id,
                coalesce(charged_off.outcome_on, written_off.ended_on) as charged_off_on,
                coalesce(charged_off.principal_charged_off, written_off.amount_written_off,
                         outstanding.principal_outstanding) as principal_charged_off
         from charged_off
         full outer join written_off on charged_off.loan_id = written_off.loan_id
         left join outstanding on written_off.loan_id = outstanding.loan_id
     )
select * from final
