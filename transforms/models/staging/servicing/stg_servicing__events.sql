with received as (select * from {{ source('bronze', 'events') }}),
     final as (
         select
             event_id, loan_id, reverses_event_id,
             event_type_code, currency, payment_channel_code, payment_reference,
             amount,
             value_on,
             booked_at,
             source, batch_id, received_at
         from received
     )
select * from final
