-- A reversal takes its receipt back on the reversal's own day: before that day the receipt stands (rule 14). A receipt is
-- taken back once, however often that is told.
with events as (select * from {{ ref('stg_servicing__events') }}),
     receipts as (
         select event_id, loan_id, value_on, amount, event_type_code = 'prepayment' as is_prepayment, currency
         from events
         where event_type_code in ('payment', 'prepayment', 'foreclosure')
     ),
     told as (
         select event_id, reverses_event_id, value_on,
                row_number() over (partition by reverses_event_id order by value_on, event_id) as telling_number
         from events
         where event_type_code = 'reversal'
     ),
     reversals as (
         select told.event_id, receipts.loan_id, greatest(told.value_on, receipts.value_on) as value_on,
                -receipts.amount as amount, receipts.is_prepayment, receipts.currency
         from told
         inner join receipts on told.reverses_event_id = receipts.event_id
         where told.telling_number = 1
     ),
     together as (select * from receipts union all select * from reversals),
     final as (
         select event_id, loan_id, value_on, amount as amount_signed, is_prepayment, currency
         from together
     )
select * from final
