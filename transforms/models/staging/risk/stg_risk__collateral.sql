with received as (select * from {{ source('bronze', 'collateral') }}),
     final as (
         select
             collateral_id, loan_id,
             collateral_type_code, currency,
             collateral_value,
             valued_on,
             source, batch_id, received_at
         from received
     )
select * from final
