with received as (select * from {{ source('bronze', 'statements') }}),
     final as (
         select
             loan_id,
             currency,
             credit_limit, amount_billed, amount_paid, repayment_status,
             statement_on,
             source, batch_id, received_at
         from received
     )
select * from final
