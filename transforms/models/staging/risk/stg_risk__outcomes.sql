with received as (select * from {{ source('bronze', 'outcomes') }}),
     final as (
         select
             loan_id,
             outcome_code, currency,
             principal_charged_off,
             outcome_on,
             source, batch_id, received_at
         from received
     )
select * from final
