-- A reversal takes its receipt back on the reversal's own day: before that day the receipt stands (rule 14).
with events as (select * from {{ ref('stg_servicing__events') }}),
     receipts as (
         select event_id, loan_id, value_on, amount, event_type_code = 'prepayment' as is_prepayment, currency
         from events
         where event_type_code in ('payment', 'prepayment', 'foreclosure')
     ),
     reversals as (
         select events.event_id, receipts.loan_id, greatest(events.value_on, receipts.value_on) as value_on,
                -receipts.amount as amount, receipts.is_prepayment, receipts.currency
         from events
         inner join receipts on events.reverses_event_id = receipts.event_id
         where events.event_type_code = 'reversal'
     ),
     together as (select * from receipts union all select * from reversals),
     final as (
         select event_id, loan_id, value_on, amount as amount_signed, is_prepayment, currency
         from together
     )
select * from final
