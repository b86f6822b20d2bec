with received as (select * from {{ source('bronze', 'recovery_actions') }}),
     final as (
         select
             action_id, loan_id,
             action_type_code, action_outcome_code, currency,
             action_cost, amount_recovered,
             action_on,
             source, batch_id, received_at
         from received
     )
select * from final
