with received as (select * from {{ source('bronze', 'loans') }}),
     final as (
         select
             loan_id, application_id, customer_id, branch_id, entity_id, scheme_code,
             product_code, currency, repay_unit_code, interest_method_code,
             principal, annual_rate, installments, repay_every, term_months_reported,
             disbursed_on, first_due_on,
             source, batch_id, received_at
         from received
     )
select * from final
