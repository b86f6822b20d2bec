{{ config(group='servicing') }}
-- No receipt is lost or counted twice: what loans received is what events say, less what was reversed.
with events as (select * from {{ ref('stg_servicing__events') }}),
     loans as (select * from {{ ref('servicing__loan_latest') }}),
     received as (
         select currency, sum(amount) as amount
         from events
         where event_type_code in ('payment', 'prepayment', 'foreclosure')
         group by currency
     ),
     taken_back as (select distinct reverses_event_id from events where event_type_code = 'reversal'),
     reversed as (
         select receipts.currency, sum(receipts.amount) as amount
         from events as receipts
         inner join taken_back on receipts.event_id = taken_back.reverses_event_id
         where receipts.event_type_code in ('payment', 'prepayment', 'foreclosure')
         group by receipts.currency
     ),
     booked as (select currency, sum(payments_received) as amount from loans group by currency)
select received.currency, received.amount, reversed.amount as reversed, booked.amount as booked
from received
left join reversed on received.currency = reversed.currency
full outer join booked on received.currency = booked.currency
where coalesce(received.amount, 0) - coalesce(reversed.amount, 0) <> coalesce(booked.amount, 0)
